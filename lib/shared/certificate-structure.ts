import type { X509Certificate } from "node:crypto";
import {
  DER_BIT_STRING,
  DER_BOOLEAN,
  DER_INTEGER,
  DER_OCTET_STRING,
  DER_SEQUENCE,
  derContents,
  derIdentifier,
  derValues,
} from "./der";

/** Contents of a certificate that Node's `X509Certificate` does not show (RFC 5280 §4.1). */
export interface CertificateStructure {
  /** The version of X.509: 1 or 3. Version 1 has no extensions. */
  readonly version: number;
  /** The contents of the INTEGER: a leading zero byte is part of them. */
  readonly serialNumber: Buffer;
  /** The contents of the SEQUENCE of its subject. */
  readonly subject: Buffer;
  /** The algorithm of the issuer's signature: its object identifier, and the contents of its parameters; empty without. */
  readonly signature: { readonly algorithm: string; readonly parameters: Buffer };
  readonly extensions: readonly CertificateExtension[];
}

export interface CertificateExtension {
  /** Object identifier. */
  readonly id: string;
  readonly critical: boolean;
  /** The DER of its value. */
  readonly value: Buffer;
}

/**
 * Parses a certificate.
 *
 * @returns null if the certificate is not DER; OpenSSL also reads some that are not
 */
export function certificateStructure(der: Buffer): CertificateStructure | null {
  try {
    const [certificate] = derValues(der);
    const [toBeSigned, algorithm] = derValues(derContents(certificate, DER_SEQUENCE));
    const fields = derValues(derContents(toBeSigned, DER_SEQUENCE));
    const version = fields[0]?.tag === VERSION ? fields.shift() : undefined;
    const [serialNumber, , , , subject] = fields;
    const wrapped = fields.find(({ tag }) => tag === EXTENSIONS);
    return {
      version: version === undefined ? 1 : versionIn(version.contents),
      serialNumber: derContents(serialNumber, DER_INTEGER),
      subject: derContents(subject, DER_SEQUENCE),
      signature: signatureOf(derContents(algorithm, DER_SEQUENCE)),
      extensions: wrapped === undefined ? [] : extensionsIn(wrapped.contents),
    };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

const structures = new WeakMap<X509Certificate, CertificateStructure | null>();

/** That of a certificate which was loaded before; parsed once. */
export function structureOf(certificate: X509Certificate): CertificateStructure | null {
  let structure = structures.get(certificate);
  if (structure === undefined) {
    structure = certificateStructure(certificate.raw);
    structures.set(certificate, structure);
  }
  return structure;
}

/**
 * The numbers of the bits that are set in a `keyUsage` extension (RFC 5280 §4.2.1.3); null if it cannot be
 * parsed.
 */
export function keyUsageBits(value: Buffer): ReadonlySet<number> | null {
  try {
    const [, ...bytes] = derContents(derValues(value)[0], DER_BIT_STRING);
    const bits = bytes.flatMap((byte, index) =>
      [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => byte & (0x80 >> bit)).map((bit) => index * 8 + bit),
    );
    return new Set(bits);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/**
 * The object identifier of the digest in the parameters of RSASSA-PSS; SHA-1 if they name none (RFC 4055
 * §3.1).
 */
export function pssDigest(parameters: Buffer): string | null {
  try {
    const named = derValues(parameters).find(({ tag }) => tag === 0xa0);
    if (named === undefined) return "1.3.14.3.2.26";
    const [algorithm] = derValues(named.contents);
    return derIdentifier(derValues(derContents(algorithm, DER_SEQUENCE))[0]);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function signatureOf(algorithm: Buffer): CertificateStructure["signature"] {
  const [id, parameters] = derValues(algorithm);
  return { algorithm: derIdentifier(id), parameters: parameters?.contents ?? Buffer.alloc(0) };
}

/** The tag of the version in TBSCertificate: `[0] EXPLICIT`. */
const VERSION = 0xa0;

/** Encoded, version 3 is the number 2. */
function versionIn(wrapped: Buffer): number {
  return (derContents(derValues(wrapped)[0], DER_INTEGER)[0] ?? 0) + 1;
}

/** The tag of the extensions: `[3] EXPLICIT` in TBSCertificate. */
const EXTENSIONS = 0xa3;

function extensionsIn(wrapped: Buffer): CertificateExtension[] {
  const [list] = derValues(wrapped);
  return derValues(derContents(list, DER_SEQUENCE)).map((extension) => {
    const [id, ...rest] = derValues(derContents(extension, DER_SEQUENCE));
    const critical = rest.find(({ tag }) => tag === DER_BOOLEAN);
    return {
      id: derIdentifier(id),
      critical: critical !== undefined && critical.contents[0] !== 0,
      value: derContents(rest.at(-1), DER_OCTET_STRING),
    };
  });
}
