import { createHash, createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { type CertificateFacts, certificateFacts } from "./certificate-facts";
import { madeOnce } from "./made-once";

/** A certificate as OpenSSL has loaded it, with the facts read from it. */
export interface ParsedCertificate {
  readonly x509: X509Certificate;
  readonly facts: CertificateFacts;
}

/**
 * What was parsed last: one deploy meets the same certificate and the same key several times, when it is adopted or issued,
 * inspected for each host, and installed; all certificates of a CA have one chain, and each of them names the account's key.
 */
const loaded = new Map<string, X509Certificate>();
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
    const x509 = loadedCertificate(pem);
    return { x509, facts: certificateFacts(x509, pem) };
  });
}

/** Whether a PEM begins with a certificate that Node.js can parse. */
export function isCertificate(pem: string): boolean {
  try {
    loadedCertificate(pem);
    return true;
  } catch {
    return false;
  }
}

/**
 * The certificate that a PEM begins with, loaded once.
 *
 * @throws Error if it is not one that OpenSSL can read
 */
export function loadedCertificate(pem: string): X509Certificate {
  if (loaded.size >= MOST) loaded.clear();
  return madeOnce(loaded, pem, () => new X509Certificate(pem));
}

/**
 * Parses a private key that is not encrypted, unless it was parsed before. It is known by its hash, so that no text of a key stays.
 *
 * @throws Error if it is not one that OpenSSL can read
 */
export function parsedPrivateKey(pem: string): KeyObject {
  if (keys.size >= MOST) keys.clear();
  // A block that was taken out of a text may lack the line break behind it, which makes no difference.
  const hash = createHash("sha256").update(pem.trimEnd()).digest("base64");
  return madeOnce(keys, hash, () => createPrivateKey(pem));
}
