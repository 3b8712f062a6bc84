import type { CertificateExtension } from "./certificate-structure";

/**
 * The extensions that OpenSSL processes where they are critical (X509_supported_extension()), but those of proxy
 * certificates and of address blocks. It refuses others, such as a critical subject key identifier.
 */
const PROCESSED: ReadonlySet<string> = new Set([
  // RFC 5280 §4.2.1: key usage, subject alternative name, basic constraints, name constraints, CRL distribution
  // points, policies, policy mappings, policy constraints, extended key usage, inhibit anyPolicy.
  "2.5.29.15",
  "2.5.29.17",
  "2.5.29.19",
  "2.5.29.30",
  "2.5.29.31",
  "2.5.29.32",
  "2.5.29.33",
  "2.5.29.36",
  "2.5.29.37",
  "2.5.29.54",
  // OCSP nocheck, Netscape certificate type.
  "1.3.6.1.5.5.7.48.1.5",
  "2.16.840.1.113730.1.1",
]);

/** Whether clients refuse a certificate because of an extension: it is critical, and they do not process it. */
export function isUnknownCritical({ id, critical }: CertificateExtension): boolean {
  return critical && !PROCESSED.has(id);
}
