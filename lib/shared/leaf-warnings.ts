import type { X509Certificate } from "node:crypto";
import { type CertificateStructure, keyUsageBits, structureOf } from "./certificate-structure";
import { isUnknownCritical } from "./critical-extensions";
import { certificateErrors, type MailSniError } from "./errors";

interface NamedCertificate {
  readonly x509: X509Certificate;
  readonly title: string;
}

/** Warnings about a leaf that servers present without complaint and clients may refuse. */
export function leafWarnings({ x509, title }: NamedCertificate): MailSniError[] {
  const structure = structureOf(x509);
  const warnings: MailSniError[] = [];
  if (x509.ca) warnings.push(certificateErrors.markedAsCa(title));
  if (structure !== null && !maySign(structure)) warnings.push(certificateErrors.keyUsage(title));
  if (structure !== null && isToBeStapled(structure)) warnings.push(certificateErrors.mustStaple(title));
  if (RARE_KEYS.has(x509.publicKey.asymmetricKeyType ?? "")) {
    warnings.push(certificateErrors.rareKey(title, x509.publicKey.asymmetricKeyType ?? ""));
  }
  return warnings;
}

/**
 * Warnings about critical extensions that clients do not process. Such a client has to refuse the certificate.
 */
export function extensionWarnings({ x509, title }: NamedCertificate): MailSniError[] {
  const unknown = (structureOf(x509)?.extensions ?? []).filter(isUnknownCritical).map(({ id }) => id);
  return unknown.length > 0 ? [certificateErrors.unknownExtension(title, unknown)] : [];
}

const KEY_USAGE = "2.5.29.15";
const DIGITAL_SIGNATURE = 0;
/** The object identifier of the TLS feature extension (RFC 7633). */
const TLS_FEATURE = "1.3.6.1.5.5.7.1.24";
/** The DER of the number of the TLS extension `status_request`. */
const STATUS_REQUEST = Buffer.from([0x02, 0x01, 0x05]);
const RARE_KEYS: ReadonlySet<string> = new Set(["ed25519", "ed448"]);

/**
 * Whether the key may sign handshakes. Every cipher suite of TLS 1.3, and all of TLS 1.2 with forward
 * secrecy, require it. RSA keys need `keyEncipherment` only for suites without forward secrecy, which current
 * clients do not use.
 */
function maySign({ extensions }: CertificateStructure): boolean {
  const usage = extensions.find(({ id }) => id === KEY_USAGE);
  return usage === undefined || keyUsageBits(usage.value)?.has(DIGITAL_SIGNATURE) === true;
}

function isToBeStapled({ extensions }: CertificateStructure): boolean {
  return extensions.some(({ id, value }) => id === TLS_FEATURE && value.includes(STATUS_REQUEST));
}
