import { madeOnce } from "../../../shared/made-once";
import type { Examined } from "../examination/examination";

/** How many findings that say the same of different names are shown whole. */
const MOST_ALIKE = 5;

/** A finding that is shown whole, and those after it that say the same of other names and are not. */
export interface Shown {
  readonly result: Examined;
  readonly rest: readonly Examined[];
}

/**
 * Which findings are shown whole: of many that say the same of different names, the first. With hundreds of domains, one fault,
 * such as a machine between the clients and the hosts, would otherwise fill the screen and hide all others.
 */
export function shownOf(results: readonly Examined[]): readonly Shown[] {
  const groups = new Map<string, Examined[]>();
  for (const result of results) {
    const kind = kindOf(result);
    if (kind !== null) madeOnce(groups, kind, () => []).push(result);
  }
  const rests = new Map<Examined, readonly Examined[]>();
  const hidden = new Set<Examined>();
  for (const group of groups.values()) {
    const rest = group.slice(MOST_ALIKE);
    rests.set(group[MOST_ALIKE - 1] ?? (group[0] as Examined), rest);
    for (const one of rest) hidden.add(one);
  }
  return results
    .filter((result) => !hidden.has(result))
    .map((result) => ({ result, rest: rests.get(result) ?? [] }));
}

/** What two findings that say the same have in common; null if the finding is not about a name. */
function kindOf({ check, subject: { stack, host, name }, finding }: Examined): string | null {
  if (name === null) return null;
  const text = JSON.stringify([stack, host, check, finding]);
  return ancestors(name).reduce((masked, one) => masked.replaceAll(one, "…"), text);
}

/** The name and those above it, but for the last label: `imap.a.tld`, `a.tld`. */
function ancestors(name: string): string[] {
  const labels = name.split(".");
  return labels.slice(0, -1).map((_, index) => labels.slice(index).join("."));
}
