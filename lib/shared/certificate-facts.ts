import { createHash, type X509Certificate } from "node:crypto";

/** The facts about a certificate that are read from it without any connection. */
export interface CertificateFacts {
  /** Its PEM block, ended by a newline. */
  readonly pem: string;
  /** The subject on one line: `C=…, O=…, CN=…`. */
  readonly subject: string;
  readonly issuer: string;
  /** The serial number: lower-case hex, two digits a byte. */
  readonly serial: string;
  /** The SANs of type dNSName as written in the certificate. The CN is not one of them (RFC 9525 §2). */
  readonly dnsNames: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SHA-256 of the DER: lower-case hex without colons. */
  readonly fingerprintSha256: string;
  /** SHA-256 of the SubjectPublicKeyInfo, as in a TLSA record 3 1 1: lower-case hex. */
  readonly spkiSha256: string;
}

/** A leaf and the certificates presented after it. It has no private key, so it can be kept without risk. */
export interface FullChain {
  readonly leaf: CertificateFacts;
  /**
   * The certificates in the order in which they are presented. The root may be the last one, or be absent.
   */
  readonly chain: readonly CertificateFacts[];
}

/**
 * Reads the facts about a certificate.
 *
 * @param pem the block that `x509` was read from
 * @throws Error if OpenSSL does not know the type of the public key
 */
export function certificateFacts(x509: X509Certificate, pem = x509.toString()): CertificateFacts {
  return {
    pem,
    subject: onOneLine(x509.subject),
    issuer: onOneLine(x509.issuer),
    serial: x509.serialNumber.toLowerCase(),
    dnsNames: dnsNamesOf(x509),
    notBefore: new Date(x509.validFrom),
    notAfter: new Date(x509.validTo),
    fingerprintSha256: fingerprintOf(x509),
    spkiSha256: createHash("sha256")
      .update(x509.publicKey.export({ type: "spki", format: "der" }))
      .digest("hex"),
  };
}

/** SHA-256 of the DER: lower-case hex without colons. */
export function fingerprintOf({ fingerprint256 }: X509Certificate): string {
  return fingerprint256.replaceAll(":", "").toLowerCase();
}

/** Whether both ends of the validity are dates. OpenSSL also loads certificates in which they are not. */
export function hasDates({ notBefore, notAfter }: Pick<CertificateFacts, "notBefore" | "notAfter">): boolean {
  return !Number.isNaN(+notBefore) && !Number.isNaN(+notAfter);
}

function onOneLine(distinguishedName: string | undefined): string {
  return (distinguishedName ?? "").replaceAll("\n", ", ");
}

/**
 * The SANs of type dNSName. Node writes `DNS:a.tld, IP Address:192.0.2.1`, and quotes as JSON what would be ambiguous in that.
 */
export function dnsNamesOf(x509: X509Certificate): string[] {
  const entries = (x509.subjectAltName ?? "").matchAll(/(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)/g);
  return [...entries].flatMap(([, type, value]) => (type === "DNS" ? [value as string] : []));
}
