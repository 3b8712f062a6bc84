import { createHash, createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { type CertificateFacts, certificateFacts } from "./certificate-facts";
import { madeOnce } from "./made-once";

/** A certificate as OpenSSL has loaded it, with the facts read from it. */
export interface ParsedCertificate {
  readonly x509: X509Certificate;
  readonly facts: CertificateFacts;
}

/**
 * What was parsed last: one deploy meets the same certificate and the same key several times, when it is issued, inspected for each
 * host, and installed; and all certificates of a CA have one chain.
 */
const certificates = new Map<string, ParsedCertificate>();
const keys = new Map<string, KeyObject>();
const MOST = 1024;

/**
 * Parses a certificate, unless it was parsed before.
 *
 * @throws Error if it is not one that OpenSSL can read
 */
export function parsedCertificate(pem: string): ParsedCertificate {
  if (certificates.size >= MOST) certificates.clear();
  return madeOnce(certificates, pem, () => {
    const x509 = new X509Certificate(pem);
    return { x509, facts: certificateFacts(x509, pem) };
  });
}

/**
 * Parses a private key that is not encrypted, unless it was parsed before. It is known by its hash, so that no text of a key stays.
 *
 * @throws Error if it is not one that OpenSSL can read
 */
export function parsedPrivateKey(pem: string): KeyObject {
  if (keys.size >= MOST) keys.clear();
  const hash = createHash("sha256").update(pem).digest("base64");
  return madeOnce(keys, hash, () => createPrivateKey(pem));
}
