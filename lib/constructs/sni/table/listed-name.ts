import type { IMailService } from "../../service/mail-service";
import { Lookup, type ServedCertificates } from "../../service/served-certificate";

/**
 * The result of looking up a name of the SNI table. A pattern stands for the names that it matches and that
 * are not listed: no client sends the asterisk itself.
 */
export function lookupOfListed(name: string, service: IMailService, served: ServedCertificates): Lookup {
  if (!isPattern(name)) return service.lookup(name, served);
  const found = service.lookup(unlistedName(name, service, served), served);
  return isByDefault(found) ? Lookup.byDefault(WILDCARD) : found;
}

/** The same after an upgrade of the server; undefined if the service does not describe an upgrade. */
export function lookupOfListedAfterUpgrade(
  name: string,
  service: IMailService,
  served: ServedCertificates,
): Lookup | undefined {
  const asked = isPattern(name) ? unlistedName(name, service, served) : name;
  return service.upgrade?.lookup(asked, served);
}

export function isByDefault({ certificate, file, refused }: Lookup): boolean {
  return certificate === undefined && file === undefined && refused !== true;
}

const WILDCARD = "a wildcard is no entry: only the names that are listed are";

function isPattern(name: string): boolean {
  return /[*?]/.test(name);
}

/** A name that the pattern matches, and that has no entry of its own. */
function unlistedName(
  pattern: string,
  { otherNames = [] }: IMailService,
  served: ServedCertificates,
): string {
  for (let number = 0; ; number += 1) {
    // Dovecot ignores an asterisk at the end of a name.
    const name = pattern.replace(/\*$/, "").replaceAll("*", `any${number}`).replaceAll("?", "x");
    const isListed = served.declaredFor(name) !== undefined || otherNames.includes(name);
    if (!isListed || !name.includes(`any${number}`)) return name;
  }
}
