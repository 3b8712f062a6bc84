import { groupBy } from "../../../shared/grouping";
import {
  type HostFilesValues,
  hostFilesIn,
  type KeptValues,
  type PlannedChange,
  presentValues,
} from "../../planned/planned-change";
import type { Drift } from "./drift";
import { type FileChange, fileChanges, type LinkChange, linkChanges } from "./file-changes";
import type { PlannedStack } from "./planned-stack";

/** What happens on one mail host. */
export interface HostChange {
  readonly stack: string;
  readonly host: string;
  readonly change: "new" | "changed" | "gone";
  /** Sorted by path. */
  readonly files: readonly FileChange[];
  readonly links: readonly LinkChange[];
  readonly directories: readonly PathChange[];
  readonly placeholders: readonly PathChange[];
  /** Attributes that differ in what is not kept of a plan, such as the mode of a directory. */
  readonly otherAttributes: readonly OtherAttribute[];
  /** The services that are reloaded. */
  readonly reloads: readonly string[];
  /** What has changed earlier and is not served yet. The apply tries again. */
  readonly pending: readonly string[];
}

export interface PathChange {
  readonly path: string;
  readonly change: "added" | "removed";
}

export interface OtherAttribute {
  readonly address: string;
  readonly attribute: string;
}

/** What happens on mail hosts, sorted by stack and host. */
export function hostChanges(stacks: readonly PlannedStack[], drift: readonly Drift[]): HostChange[] {
  return stacks.flatMap(({ stack, plan }) => {
    const changes = plan.changes.filter(
      ({ isDeposed, action, before, after }) =>
        !isDeposed && action !== "no-op" && isHostFiles(before ?? after),
    );
    const drifted = drift.filter((one) => one.stack === stack);
    return [...groupBy(changes, hostOf)]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([host, ofHost]) => changeOf({ stack, host }, ofHost, drifted));
  });
}

function changeOf(
  place: Pick<HostChange, "stack" | "host">,
  planned: readonly PlannedChange[],
  drift: readonly Drift[],
): HostChange {
  const changes = planned.map(ofWhatIsPresent);
  const drifted = drift.flatMap(({ host, paths }) => (host === place.host ? paths : []));
  const missing = planned.flatMap(({ before }) => [...(hostFilesIn(before)?.missing ?? [])]);
  const files = fileChanges(changes, new Set([...drifted.map(({ path }) => path), ...missing]));
  const links = linkChanges(changes);
  const linked = new Set(links.map(({ path }) => path));
  const services = [...files, ...links].filter(isActivated).flatMap(({ service }) => service ?? []);
  return {
    ...place,
    change: kindOf(changes, new Set(drift.map(({ address }) => address))),
    // A file that becomes a link is not removed.
    files: files.filter(({ path, change }) => change !== "removed" || !linked.has(path)),
    links,
    directories: pathChanges(changes, ({ directories }) => directories),
    placeholders: pathChanges(changes, ({ placeholders }) => placeholders).filter(
      ({ change }) => change === "added",
    ),
    otherAttributes: changes.flatMap(otherAttributes),
    reloads: [...new Set(services)].sort(),
    pending: changes.flatMap(({ before }) => hostFilesIn(before)?.pending ?? []),
  };
}

/** What is missing on the host is added there. */
function ofWhatIsPresent(change: PlannedChange): PlannedChange {
  const before = hostFilesIn(change.before);
  return before === null ? change : { ...change, before: presentValues(before) };
}

function isActivated(change: FileChange | LinkChange): boolean {
  return change.change !== "kept";
}

function kindOf(changes: readonly PlannedChange[], drifted: ReadonlySet<string>): HostChange["change"] {
  const base = changes.find(({ before, after }) => hostFilesIn(before ?? after)?.role === "base");
  if (base?.action === "create") return drifted.has(base.address) ? "changed" : "new";
  return base?.action === "delete" || base?.action === "forget" ? "gone" : "changed";
}

function pathChanges(
  changes: readonly PlannedChange[],
  pathsOf: (values: HostFilesValues) => readonly string[],
): PathChange[] {
  const paths = (values: readonly (KeptValues | null)[]) =>
    new Set(values.flatMap((one) => pathsIn(one, pathsOf)));
  const before = paths(changes.map((change) => change.before));
  const after = paths(changes.map((change) => change.after));
  return [
    ...[...after].filter((path) => !before.has(path)).map((path) => ({ path, change: "added" }) as const),
    ...[...before].filter((path) => !after.has(path)).map((path) => ({ path, change: "removed" }) as const),
  ].sort((one, other) => (one.path < other.path ? -1 : 1));
}

function pathsIn(
  values: KeptValues | null,
  pathsOf: (values: HostFilesValues) => readonly string[],
): readonly string[] {
  const found = hostFilesIn(values);
  return found === null ? [] : pathsOf(found);
}

/** Attributes that are not shown elsewhere, or that are compared here and have no visible difference. */
function otherAttributes({ address, action, changed, before, after }: PlannedChange): OtherAttribute[] {
  if (action !== "update") return [];
  const then = hostFilesIn(before);
  const now = hostFilesIn(after);
  const isShown = (attribute: string) => {
    if (attribute === "directories") return String(then?.directories) !== String(now?.directories);
    if (attribute === "placeholders") return String(then?.placeholders) !== String(now?.placeholders);
    return SHOWN_ELSEWHERE.includes(attribute);
  };
  return changed.filter((attribute) => !isShown(attribute)).map((attribute) => ({ address, attribute }));
}

const SHOWN_ELSEWHERE: readonly string[] = ["files", "links", "missing", "names", "pending", "secrets"];

function isHostFiles(values: KeptValues | null): boolean {
  return hostFilesIn(values) !== null;
}

function hostOf({ before, after }: PlannedChange): string {
  return (hostFilesIn(after) ?? hostFilesIn(before))?.host ?? "";
}
