import { createHash, type KeyObject } from "node:crypto";
import {
  DER_BIT_STRING,
  DER_BOOLEAN,
  DER_SEQUENCE,
  derContents,
  derEncoded,
  derValues,
} from "../../shared/der";
import {
  dnsName,
  explicit,
  generalizedTime,
  integer,
  octetString,
  oid,
  sequence,
  set,
  utcTime,
  utf8String,
} from "../../shared/der-values";
import type { CertificateName } from "../../shared/host-name";
import { signatureAlgorithm, signedDer } from "./signed-der";
import type { Validity } from "./validity";

/** What differs from one certificate of a CA to the next: encoded parts, which are not changed. */
export interface LeafParts extends Validity {
  /** Of a positive number without leading zeros. */
  readonly serial: Buffer;
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly spki: Buffer;
  readonly extensions: readonly Buffer[];
}

/**
 * A signed certificate (RFC 5280 §4.1) of encoded parts. The library that encodes the parts would decode and check its own result
 * once more, which takes longer than all the rest.
 */
export function signedLeaf(parts: LeafParts, caKey: KeyObject): Promise<Buffer> {
  const toBeSigned = sequence(
    explicit(0, integer(Buffer.of(V3))),
    integer(parts.serial),
    signatureAlgorithm(caKey),
    parts.issuer,
    sequence(time(parts.notBefore), time(parts.notAfter)),
    parts.subject,
    parts.spki,
    explicit(3, sequence(...parts.extensions)),
  );
  return signedDer(toBeSigned, caKey);
}

const V3 = 2;

/** The first year that UTCTime cannot have (RFC 5280 §4.1.2.5). */
const GENERALIZED_FROM = 2050;

function time(date: Date): Buffer {
  const text = date
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replaceAll(/[-:T]/g, "");
  return date.getUTCFullYear() < GENERALIZED_FROM ? utcTime(text.slice(2)) : generalizedTime(text);
}

/** A name without attributes. */
export const NO_NAME = sequence();

export function commonNameAlone(text: string): Buffer {
  return sequence(set(sequence(COMMON_NAME, utf8String(text))));
}

/** @param critical which it has to be without a subject (RFC 5280 §4.2.1.6) */
export function subjectAlternativeNames(names: readonly CertificateName[], critical: boolean): Buffer {
  const contents = octetString(sequence(...names.map(dnsName)));
  return sequence(SUBJECT_ALTERNATIVE_NAME, ...(critical ? [TRUE] : []), contents);
}

/** The extension that identifies a public key by the SHA-1 of its bits (RFC 5280 §4.2.1.2, method 1). */
export function subjectKeyIdentifier(spki: Buffer): Buffer {
  const [info] = derValues(spki);
  const [, bits] = derValues(derContents(info, DER_SEQUENCE));
  // Without the number of unused bits.
  const key = derContents(bits, DER_BIT_STRING).subarray(1);
  const identifier = createHash("sha1").update(key).digest();
  return sequence(SUBJECT_KEY_IDENTIFIER, octetString(octetString(identifier)));
}

const COMMON_NAME = oid("550403");
const SUBJECT_KEY_IDENTIFIER = oid("551d0e");
const SUBJECT_ALTERNATIVE_NAME = oid("551d11");
const TRUE = derEncoded(DER_BOOLEAN, Buffer.of(0xff));
