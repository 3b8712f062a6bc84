import { verify, type X509Certificate } from "node:crypto";
import { certificateStructure, keyUsageBits } from "../../../shared/certificate-structure";
import {
  DER_BIT_STRING,
  DER_BOOLEAN,
  DER_INTEGER,
  DER_OCTET_STRING,
  DER_SEQUENCE,
  type DerValue,
  derContents,
  derEncoded,
  derIdentifier,
  derValues,
} from "../../../shared/der";
import { fullNames } from "./distribution-points";

/** A list cannot be used. The message continues a sentence about the list. */
export class UnusableList extends Error {}

/** When and why a certificate was revoked. */
export interface Revoked {
  readonly at: Date;
  /** CRLReason (RFC 5280 §5.3.1); null where the list has none. */
  readonly reason: number | null;
}

/**
 * Of everything but the entries, which are parsed only of a list whose signature is right: over HTTP anybody on the way may send
 * megabytes of tiny values.
 */
const MOST_VALUES = 1000;

const DER_ENUMERATED = 0x0a;
const DER_UTC_TIME = 0x17;
const DER_GENERALIZED_TIME = 0x18;
const CRL_EXTENSIONS = 0xa0;

const KEY_USAGE = "2.5.29.15";
const CRL_SIGN_BIT = 6;
const REASON_CODE = "2.5.29.21";
const ISSUING_DISTRIBUTION_POINT = "2.5.29.28";

/** Signature algorithms of public CAs: RFC 4055, RFC 5758, RFC 8410. Weaker ones are refused. */
const DIGESTS: Readonly<Record<string, string | null>> = {
  "1.2.840.113549.1.1.11": "sha256",
  "1.2.840.113549.1.1.12": "sha384",
  "1.2.840.113549.1.1.13": "sha512",
  "1.2.840.10045.4.3.2": "sha256",
  "1.2.840.10045.4.3.3": "sha384",
  "1.2.840.10045.4.3.4": "sha512",
  "1.3.101.112": null,
};

/**
 * A certificate revocation list (RFC 5280 §5). It is kept as it was sent and searched there, since it may have a hundred
 * thousand entries.
 */
export class RevocationList {
  readonly #signed: Buffer;
  readonly #algorithm: string;
  readonly #signature: Buffer;
  readonly #issuer: Buffer;
  readonly #nextUpdate: Date | null;
  readonly #entries: Buffer;
  readonly #scope: Scope | null;

  /**
   * @param der the whole list
   * @throws UnusableList if it cannot be parsed, or has critical extensions that are not known here
   */
  constructor(der: Buffer) {
    try {
      const [list] = derValues(der, MOST_VALUES);
      const [signed, algorithm, signature] = derValues(derContents(list, DER_SEQUENCE), MOST_VALUES);
      const fields = derValues(derContents(signed, DER_SEQUENCE), MOST_VALUES);
      if (fields[0]?.tag === DER_INTEGER) fields.shift();
      const [signedAlgorithm, issuer, , ...rest] = fields;
      this.#signed = derEncoded(DER_SEQUENCE, derContents(signed, DER_SEQUENCE));
      // This field is not signed. It has to equal the signed one (RFC 5280 §5.1.1.2).
      if (!derContents(algorithm, DER_SEQUENCE).equals(derContents(signedAlgorithm, DER_SEQUENCE))) {
        throw new UnusableList("names two signature algorithms");
      }
      this.#algorithm = derIdentifier(derValues(derContents(algorithm, DER_SEQUENCE), MOST_VALUES)[0]);
      this.#signature = wholeBytes(derContents(signature, DER_BIT_STRING));
      this.#issuer = derContents(issuer, DER_SEQUENCE);
      this.#nextUpdate = rest.some(isTime) ? timeOf(rest.find(isTime)) : null;
      this.#entries = rest.find(({ tag }) => tag === DER_SEQUENCE)?.contents ?? Buffer.alloc(0);
      const extensions = rest.find(({ tag }) => tag === CRL_EXTENSIONS);
      this.#scope = extensions === undefined ? null : scopeIn(extensions.contents);
    } catch (error) {
      if (error instanceof RangeError) throw new UnusableList("is no certificate revocation list");
      throw error;
    }
  }

  /**
   * Checks that the certificate's issuer has signed the list, that it is current, and that it covers such certificates.
   *
   * @param url the URL of the download. If the list names URLs, this has to be one of them: another list of the issuer
   *   could hide a revocation
   * @throws UnusableList
   */
  check(certificate: X509Certificate, issuer: X509Certificate, url: string, at: Date): void {
    if (!this.#isFrom(issuer)) throw new UnusableList("is not signed by the certificate's issuer");
    if (this.#nextUpdate === null) throw new UnusableList("does not say until when it is valid");
    if (this.#nextUpdate < at) {
      throw new UnusableList(`is out of date since ${this.#nextUpdate.toISOString().slice(0, 10)}`);
    }
    if (this.#scope !== null && !isInScope(this.#scope, certificate, url)) {
      throw new UnusableList("is for other certificates");
    }
  }

  #isFrom(issuer: X509Certificate): boolean {
    const digest = DIGESTS[this.#algorithm];
    if (
      digest === undefined ||
      !maySignLists(issuer) ||
      !certificateStructure(issuer.raw)?.subject.equals(this.#issuer)
    )
      return false;
    try {
      return verify(digest, this.#signed, issuer.publicKey, this.#signature);
    } catch {
      // The key does not fit the algorithm, or OpenSSL does not know its type.
      return false;
    }
  }

  /** @returns null if the certificate is not in the list */
  revoked({ serialNumber }: X509Certificate): Revoked | null {
    const serial = serialOf(serialNumber);
    if (!this.#entries.includes(serial)) return null;
    try {
      for (const { contents } of derValues(this.#entries)) {
        const [number, time, extensions] = derValues(contents);
        if (number === undefined || !derEncoded(number.tag, number.contents).equals(serial)) continue;
        return { at: timeOf(time), reason: reasonIn(extensions) };
      }
      return null;
    } catch (error) {
      if (error instanceof RangeError) throw new UnusableList("has entries that cannot be read");
      throw error;
    }
  }
}

/** The certificates that a list covers: IssuingDistributionPoint (RFC 5280 §5.2.5). */
interface Scope {
  readonly urls: readonly string[];
  readonly isForLeavesAlone: boolean;
  readonly isForCasAlone: boolean;
  /** Whether it covers only some reasons, other issuers, or attribute certificates. */
  readonly isOther: boolean;
}

function scopeIn(wrapped: Buffer): Scope | null {
  const [list] = derValues(wrapped, MOST_VALUES);
  let scope: Scope | null = null;
  for (const extension of derValues(derContents(list, DER_SEQUENCE), MOST_VALUES)) {
    const [id, ...rest] = derValues(derContents(extension, DER_SEQUENCE), MOST_VALUES);
    const name = derIdentifier(id);
    const critical = rest.find(({ tag }) => tag === DER_BOOLEAN)?.contents[0] ?? 0;
    if (name === ISSUING_DISTRIBUTION_POINT) scope = scopeOf(derContents(rest.at(-1), DER_OCTET_STRING));
    else if (critical !== 0) throw new UnusableList(`has the critical extension ${name}, which is not known`);
  }
  return scope;
}

function scopeOf(value: Buffer): Scope {
  const [sequence] = derValues(value, MOST_VALUES);
  const fields = derValues(derContents(sequence, DER_SEQUENCE), MOST_VALUES);
  const isSet = (tag: number) => fields.some((field) => field.tag === tag && field.contents[0] !== 0);
  return {
    urls: fields.flatMap(({ tag, contents }) => (tag === 0xa0 ? fullNames(contents) : [])),
    isForLeavesAlone: isSet(0x81),
    isForCasAlone: isSet(0x82),
    isOther: fields.some(({ tag }) => tag === 0x83) || isSet(0x84) || isSet(0x85),
  };
}

function isInScope(scope: Scope, { ca }: X509Certificate, url: string): boolean {
  if (scope.isOther || (ca ? scope.isForLeavesAlone : scope.isForCasAlone)) return false;
  return scope.urls.length === 0 || scope.urls.includes(url);
}

/** Whether the issuer's key usage allows CRL signing; true if it has none (RFC 5280 §4.2.1.3). */
function maySignLists(issuer: X509Certificate): boolean {
  const usage = certificateStructure(issuer.raw)?.extensions.find(({ id }) => id === KEY_USAGE);
  return usage === undefined || keyUsageBits(usage.value)?.has(CRL_SIGN_BIT) === true;
}

/** Converts a serial number from Node's hexadecimal digits to DER, which puts a zero byte before a high bit. */
function serialOf(hex: string): Buffer {
  const bytes = Buffer.from(hex, "hex");
  const isHigh = ((bytes[0] ?? 0) & 0x80) !== 0;
  return derEncoded(DER_INTEGER, isHigh ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
}

function reasonIn(extensions: DerValue | undefined): number | null {
  if (extensions === undefined) return null;
  for (const extension of derValues(derContents(extensions, DER_SEQUENCE))) {
    const [id, ...rest] = derValues(derContents(extension, DER_SEQUENCE));
    if (derIdentifier(id) !== REASON_CODE) continue;
    const [reason] = derValues(derContents(rest.at(-1), DER_OCTET_STRING));
    return derContents(reason, DER_ENUMERATED)[0] ?? null;
  }
  return null;
}

/** The bytes of a BIT STRING. Its first byte counts the unused bits of the last one, which have to be none. */
function wholeBytes(bits: Buffer): Buffer {
  if (bits[0] !== 0) throw new RangeError("the last byte is not whole");
  return bits.subarray(1);
}

function isTime({ tag }: DerValue): boolean {
  return tag === DER_UTC_TIME || tag === DER_GENERALIZED_TIME;
}

/** Parses a time in UTC with seconds, as RFC 5280 §5.1.2.4 requires. */
function timeOf(value: DerValue | undefined): Date {
  const match = /^(\d\d)?(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(
    value?.contents.toString("latin1") ?? "",
  );
  if (value === undefined || !isTime(value) || match === null)
    throw new RangeError("another value was expected");
  const [, century, year = "", month, day, hour, minute, second] = match;
  const full = `${century ?? (Number(year) < 50 ? "20" : "19")}${year}`;
  const time = new Date(`${full}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(+time)) throw new RangeError("the time does not exist");
  return time;
}
