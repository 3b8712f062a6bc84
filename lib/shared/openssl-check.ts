import type { X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { pssDigest, structureOf } from "./certificate-structure";
import { certificateErrors, type MailSniError } from "./errors";

/** A certificate of a chain, and its title in messages. */
interface NamedCertificate {
  readonly x509: X509Certificate;
  readonly pem: string;
  readonly title: string;
}

/**
 * The default security level of OpenSSL (SSL_CTX_set_security_level(3)) on Debian, Ubuntu and Red Hat, which
 * their mail servers do not lower. It is 112 bits: RSA with at least 2048 bits, elliptic curves with at least
 * 224 bits, and no signature with SHA-1 or MD5.
 */
const CIPHERS = "DEFAULT@SECLEVEL=2";

/**
 * Loads a leaf and its chain into OpenSSL, as a mail server does. Returns the certificate that OpenSSL refuses,
 * and why. A server that cannot load its default certificate fails every handshake, not only those for one name.
 *
 * The leaf's key is not loaded as well: OpenSSL would only parse it, and compare it with the leaf.
 *
 * Weak signatures are found by their algorithm: OpenSSL 3.0 of Debian 12 refuses them, but OpenSSL 3.5, which
 * newer versions of Node contain, does not. Neither checks the signature of a self-signed certificate, so a
 * SHA-1 root is no problem, nor is a self-signed SHA-1 leaf.
 */
export function refusedByOpenSsl(certificates: readonly NamedCertificate[]): MailSniError[] {
  const known = certificates.flatMap((certificate) => weaknessOf(certificate) ?? []);
  if (known.length > 0) return known;
  const refusal = refusalOf(certificates.map(({ pem }) => pem).join(""));
  if (refusal === null) return [];
  const each = certificates.flatMap((certificate) => {
    const own = refusalOf(certificate.pem);
    return own === null ? [] : [explained(own, certificate)];
  });
  const [leaf] = certificates;
  return each.length > 0 || leaf === undefined
    ? each
    : [certificateErrors.refusedByOpenSsl(leaf.title, refusal.reason)];
}

function weaknessOf({ x509, title }: NamedCertificate): MailSniError | null {
  const digest = weakDigestOf(x509);
  return digest === null || isSelfSigned(x509) ? null : certificateErrors.weakSignature(title, digest);
}

function isSelfSigned(x509: X509Certificate): boolean {
  return x509.checkIssued(x509) && x509.verify(x509.publicKey);
}

interface Refusal {
  readonly code: string;
  /** OpenSSL's reason, such as `ee key too small`. */
  readonly reason: string;
}

function refusalOf(certificates: string): Refusal | null {
  try {
    createSecureContext({ cert: certificates, ciphers: CIPHERS });
    return null;
  } catch (error) {
    const { code = "", reason, message } = error as { code?: string; reason?: string; message: string };
    return { code, reason: reason ?? message };
  }
}

function explained({ code, reason }: Refusal, { x509, title }: NamedCertificate): MailSniError {
  return TOO_SMALL.has(code)
    ? certificateErrors.weakKey(title, keyOf(x509))
    : certificateErrors.refusedByOpenSsl(title, reason);
}

/** Errors about a key that is too small: of the leaf, and of the certificates after it. */
const TOO_SMALL: ReadonlySet<string> = new Set(["ERR_SSL_EE_KEY_TOO_SMALL", "ERR_SSL_CA_KEY_TOO_SMALL"]);

/** Describes a public key, such as `RSA, 1024 bits`. */
export function keyOf({ publicKey }: X509Certificate): string {
  const { asymmetricKeyType: type = "unknown", asymmetricKeyDetails: details = {} } = publicKey;
  const kind = type.toUpperCase();
  if (details.modulusLength !== undefined) return `${kind}, ${details.modulusLength} bits`;
  return details.namedCurve === undefined ? kind : `${kind}, curve ${details.namedCurve}`;
}

/** Signature algorithms with a weak digest (RFC 8017, RFC 3279). */
const WEAK_SIGNATURES: ReadonlyMap<string, string> = new Map([
  ["1.2.840.113549.1.1.2", "MD2"],
  ["1.2.840.113549.1.1.3", "MD4"],
  ["1.2.840.113549.1.1.4", "MD5"],
  ["1.2.840.113549.1.1.5", "SHA-1"],
  ["1.3.14.3.2.29", "SHA-1"],
  ["1.2.840.10045.4.1", "SHA-1"],
  ["1.2.840.10040.4.3", "SHA-1"],
]);
const RSASSA_PSS = "1.2.840.113549.1.1.10";
const SHA1 = "1.3.14.3.2.26";

/** The digest of a certificate's signature if it is weak, such as `SHA-1`; null otherwise. */
export function weakDigestOf(certificate: X509Certificate): string | null {
  const signature = structureOf(certificate)?.signature;
  if (signature === undefined) return null;
  const { algorithm, parameters } = signature;
  if (algorithm === RSASSA_PSS) return pssDigest(parameters) === SHA1 ? "SHA-1" : null;
  return WEAK_SIGNATURES.get(algorithm) ?? null;
}
