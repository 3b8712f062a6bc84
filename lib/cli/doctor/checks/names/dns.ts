import { NameServerFailure } from "../../../../shared/dns/name-servers";
import { listed } from "../../../../shared/errors/wording";
import { canonicalAddress } from "../../../../shared/ip-address";
import type { Check } from "../../examination/check";
import { type Finding, failure, skipped, warning, well } from "../../examination/finding";
import { isWildcard, type OrderedName } from "./ordered-name";
import { isPublicAddress } from "./public-address";

export const dns: Check<OrderedName> = {
  id: "dns",
  looksAt: "the addresses of each name of a certificate from an ACME CA",
  reports: "none, which fails an http-01 order; none of a host of the stack",
  async findings(ordered) {
    if (isWildcard(ordered)) return [skipped("it is a wildcard")];
    const { name, certificate, lookups } = ordered;
    try {
      const addresses = await lookups.addresses(name, certificate.dnsServers);
      return [addresses.length === 0 ? withoutAddress(ordered) : await compared(ordered, addresses)];
    } catch (error) {
      if (!(error instanceof NameServerFailure)) throw error;
      return [unanswered(error)];
    }
  },
};

/** The same for CAA records, which a CA looks up as well. */
export function unanswered({ message }: NameServerFailure): Finding {
  return warning(
    `${message}.`,
    "Ask the name servers of its zone, such as with dig +trace; if they answer, check the resolver of this machine.",
  );
}

function withoutAddress({ name, isOptional, certificate }: OrderedName): Finding {
  if (isOptional) return well(`the optional name ${name} has no address, and is left out of the certificate`);
  if (certificate.webroot === null) {
    return warning(
      `${name} has no address: no client will find a server there.`,
      "Add an A or AAAA record, or remove the name from the program.",
    );
  }
  return failure(
    `${name} has no address, so the CA cannot ask its web server: no certificate with it will be issued.`,
    "Add an A or AAAA record, make the name optional, or remove it from the program.",
  );
}

async function compared(ordered: OrderedName, addresses: readonly string[]): Promise<Finding> {
  const shown = listed(addresses);
  const known = await ordered.hostAddresses();
  const isSeenFromOutside = known.length > 0 && known.every(isPublicAddress);
  if (!isSeenFromOutside || addresses.some((address) => known.includes(canonicalAddress(address))))
    return well(`${ordered.name} has ${shown}`);
  return warning(
    `${ordered.name} has the address ${shown}, which no host of the stack has (${listed(known)}): clients and the CA will ask another machine.`,
    "Correct the record, or declare that host. If another machine forwards to the hosts, ignore this.",
  );
}
