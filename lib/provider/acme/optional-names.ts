import { isIP } from "node:net";
import { NameServerFailure, type NameServers } from "../../shared/dns/name-servers";
import { canonicalAddress } from "../../shared/ip-address";
import type { Solver } from "./solver";

export interface OptionalNames {
  /** The required names. Wildcards are ignored. */
  readonly names: readonly string[];
  /** The names that are ordered only if they can be validated: one name that cannot fails the whole order. */
  readonly optional: readonly string[];
  /** The names of the current certificate. They are kept when DNS does not answer. */
  readonly served: readonly string[];
  readonly type: Solver["type"];
  /** The hosts that tokens are written to, as addresses or names. Names that DNS does not know are ignored. */
  readonly hosts: readonly string[];
}

/**
 * The optional names that can be validated, by their current DNS records. For http-01 all addresses of a name
 * must be those of hosts that receive tokens, or those that the required names resolve to. For dns-01 it
 * must have an address. A name for which DNS does not answer is left out, so that it does not fail the order.
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
  const ours = new Set([...led, ...known].flat().map(canonicalAddress));
  return optional.filter((_, index) => {
    const found = addresses[index] ?? [];
    return found.length > 0 && found.every((address) => ours.has(canonicalAddress(address)));
  });
}

/** A host may have a name that only the ssh configuration of this machine knows. */
async function addressesOf(host: string, nameServers: NameServers): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  return nameServers.addresses(host).catch((error: unknown) => {
    if (error instanceof NameServerFailure) return [];
    throw error;
  });
}
