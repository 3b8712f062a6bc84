import { isIP } from "node:net";
import { NameServerFailure, type NameServers } from "./name-servers";
import type { Solver } from "./solver";

export interface OptionalNames {
  /** The names that are ordered in any case; a wildcard says nothing. */
  readonly names: readonly string[];
  /** The ones that are ordered only if they can be proven: an order is all or nothing. */
  readonly optional: readonly string[];
  /** Those that a certificate is for today: that DNS does not answer is no reason to leave them out. */
  readonly served: readonly string[];
  readonly type: Solver["type"];
  /** The hosts that a token is put on, as addresses or names; those that DNS does not know say nothing. */
  readonly hosts: readonly string[];
}

/**
 * Those of the optional names that an order can do with, by what DNS says now. Over HTTP a name can be proven on the
 * hosts that tokens are put on, and where the names lead that are ordered in any case: all its addresses have to be among those. In DNS it has to exist. A name that
 * DNS does not answer for cannot be proven either: it is not to hold back the others.
 *
 * @throws {NameServerFailure}
 */
export async function provableNames(
  { names, optional, served, type, hosts }: OptionalNames,
  nameServers: NameServers,
): Promise<readonly string[]> {
  const addresses = await Promise.all(
    optional.map((name) =>
      nameServers.addresses(name).catch((error: unknown) => {
        if (served.includes(name) || !(error instanceof NameServerFailure)) throw error;
        return [];
      }),
    ),
  );
  if (type === "dns-01") return optional.filter((_, index) => addresses[index]?.length !== 0);
  const literal = names.filter((name) => !name.startsWith("*."));
  const [led, known] = await Promise.all([
    Promise.all(literal.map((name) => nameServers.addresses(name))),
    Promise.all(hosts.map((host) => addressesOf(host, nameServers))),
  ]);
  const ours = new Set([...led, ...known].flat());
  return optional.filter((_, index) => {
    const found = addresses[index] ?? [];
    return found.length > 0 && found.every((address) => ours.has(address));
  });
}

/** A host may be called by a name that only this machine's ssh knows. */
async function addressesOf(host: string, nameServers: NameServers): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  return nameServers.addresses(host).catch((error: unknown) => {
    if (error instanceof NameServerFailure) return [];
    throw error;
  });
}
