import type { NameLookups } from "../../../dns/name-lookups";
import type { DeclaredCertificate } from "../../declared/declared-certificates";
import type { CertificateAuthority } from "./certificate-authority";

/** A name of a certificate that the stack orders from an ACME CA. */
export interface OrderedName {
  readonly name: string;
  readonly isOptional: boolean;
  readonly certificate: DeclaredCertificate;
  readonly authority: CertificateAuthority | null;
  readonly lookups: NameLookups;
  /** The addresses of the stack's hosts, as far as they are known. */
  readonly hostAddresses: () => Promise<readonly string[]>;
}

export function isWildcard({ name }: OrderedName): boolean {
  return name.startsWith("*.");
}
