import {
  DER_BIT_STRING,
  DER_INTEGER,
  DER_OBJECT_IDENTIFIER,
  DER_OCTET_STRING,
  DER_SEQUENCE,
  derEncoded,
} from "./der";

/** The values that certificates are made of, as DER (X.690). */

export const sequence = (...contents: readonly Buffer[]) => derEncoded(DER_SEQUENCE, ...contents);
export const set = (...contents: readonly Buffer[]) => derEncoded(0x31, ...contents);
export const explicit = (number: number, content: Buffer) => derEncoded(0xa0 | number, content);
/** @param bytes of a number that is not negative: the first one is below 0x80 */
export const integer = (bytes: Buffer) => derEncoded(DER_INTEGER, bytes);
export const bitString = (bytes: Buffer) => derEncoded(DER_BIT_STRING, Buffer.of(0), bytes);
export const octetString = (bytes: Buffer) => derEncoded(DER_OCTET_STRING, bytes);
/** @param hex the encoded components */
export const oid = (hex: string) => derEncoded(DER_OBJECT_IDENTIFIER, Buffer.from(hex, "hex"));
export const utf8String = (text: string) => derEncoded(0x0c, Buffer.from(text));
/** @param text such as `261129200000Z` */
export const utcTime = (text: string) => derEncoded(0x17, Buffer.from(text));
/** @param text such as `20500101000000Z` */
export const generalizedTime = (text: string) => derEncoded(0x18, Buffer.from(text));
/** A `dNSName` of a SAN (RFC 5280 §4.2.1.6). */
export const dnsName = (name: string) => derEncoded(0x82, Buffer.from(name, "latin1"));
