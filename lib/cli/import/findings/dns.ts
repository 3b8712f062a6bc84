import { NameServerFailure } from "../../../shared/dns/name-servers";
import type { NameLookups } from "../../dns/name-lookups";
import { type Declaration, hostNamesOf } from "./declarations";
import { type Finding, finding } from "./finding";

const MOST_AT_ONCE = 32;

/** Names of the stack that DNS has no address for. @param servers null for those of this machine */
export async function dnsFindings(
  declared: readonly Declaration[],
  lookups: NameLookups,
  servers: readonly string[] | null,
): Promise<Finding[]> {
  const waiting = declared.flatMap(hostNamesOf).reverse();
  const [without, unanswered]: [string[], string[]] = [[], []];
  const work = async () => {
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      const has = await hasAddress(name, lookups, servers);
      if (has === undefined) unanswered.push(name);
      else if (!has) without.push(name);
    }
  };
  await Promise.all(Array.from({ length: MOST_AT_ONCE }, work));
  return [
    ...(without.length === 0 ? [] : [withoutAddress(without.sort())]),
    ...(unanswered.length === 0 ? [] : [notAsked(unanswered.sort())]),
  ];
}

async function hasAddress(
  name: string,
  lookups: NameLookups,
  servers: readonly string[] | null,
): Promise<boolean | undefined> {
  try {
    return (await lookups.addresses(name, servers)).length > 0;
  } catch (error) {
    if (error instanceof NameServerFailure) return undefined;
    throw error;
  }
}

function withoutAddress(names: readonly string[]): Finding {
  return finding(
    "name-without-dns",
    "decision",
    "DNS has no address for names of the stack: no client finds a server there, and an http-01 order with such a name fails.",
    "Add the records, remove the names from the stack, or make them optional (optionalLabels of the issuer).",
    { names },
  );
}

function notAsked(names: readonly string[]): Finding {
  return finding(
    "not-read",
    "note",
    "DNS did not answer for names of the stack, so it is not known whether they have an address.",
    "Check the resolver of this machine, or give --dns-server.",
    { names },
  );
}
