/** One value of an ASN.1 structure in DER (X.690): its tag byte and its contents. */
export interface DerValue {
  /** The tag byte with class and form: 0x30 is a SEQUENCE, 0xa3 the context tag 3. */
  readonly tag: number;
  readonly contents: Buffer;
}

export const DER_BOOLEAN = 0x01;
export const DER_INTEGER = 0x02;
export const DER_BIT_STRING = 0x03;
export const DER_OCTET_STRING = 0x04;
export const DER_OBJECT_IDENTIFIER = 0x06;
export const DER_SEQUENCE = 0x30;

/**
 * Parses consecutive values in `bytes`.
 *
 * @param most how many are allowed: a value of two bytes takes a hundred in memory
 * @throws RangeError if `bytes` is not DER: a value is cut off, or has a form that DER does not allow; or if there are more
 */
export function derValues(bytes: Buffer, most = Number.POSITIVE_INFINITY): DerValue[] {
  const values: DerValue[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (values.length === most) throw new RangeError("there are too many values");
    const tag = bytes.readUInt8(at);
    // Tags above 30 take several bytes. No certificate has one.
    if ((tag & 0x1f) === 0x1f) throw new RangeError("the tag is in the long form");
    const [length, start] = lengthAt(bytes, at + 1);
    const end = start + length;
    if (end > bytes.length) throw new RangeError("the value is cut off");
    values.push({ tag, contents: bytes.subarray(start, end) });
    at = end;
  }
  return values;
}

/** The length at an offset, and the offset after it. */
function lengthAt(bytes: Buffer, at: number): [length: number, end: number] {
  const first = bytes.readUInt8(at);
  if (first < 0x80) return [first, at + 1];
  const size = first & 0x7f;
  if (size === 0 || size > 4) throw new RangeError("the length is indefinite or too large");
  return [bytes.readUIntBE(at + 1, size), at + 1 + size];
}

/**
 * An object identifier in dotted form, such as `2.5.29.15`.
 *
 * @throws RangeError if it is empty or cut off
 */
export function objectIdentifier(contents: Buffer): string {
  const parts: number[] = [];
  let part = 0;
  for (const byte of contents) {
    part = part * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      parts.push(part);
      part = 0;
    }
  }
  const [first] = parts;
  if (first === undefined || (contents.at(-1) as number) >= 0x80) {
    throw new RangeError("the object identifier is cut off");
  }
  const root = Math.min(Math.floor(first / 40), 2);
  return [root, first - root * 40, ...parts.slice(1)].join(".");
}

/**
 * The contents of a value that has to be there.
 *
 * @throws RangeError if it is missing or has another tag
 */
export function derContents(value: DerValue | undefined, tag: number): Buffer {
  if (value?.tag !== tag) throw new RangeError("another value was expected");
  return value.contents;
}

/**
 * A value that has to be an object identifier, in dotted form.
 *
 * @throws RangeError if it is missing or something else
 */
export function derIdentifier(value: DerValue | undefined): string {
  return objectIdentifier(derContents(value, DER_OBJECT_IDENTIFIER));
}

/** Encodes a value in DER: the tag, the length in its shortest form, and the contents. */
export function derEncoded(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.of(tag), encodedLength(content.length), content]);
}

function encodedLength(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const size = Math.ceil((32 - Math.clz32(length)) / 8);
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(length, 0, size);
  return Buffer.concat([Buffer.of(0x80 | size), bytes]);
}
