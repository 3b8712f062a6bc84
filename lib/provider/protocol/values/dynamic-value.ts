import { decode, ExtData, type ExtensionCodecType, encode } from "@msgpack/msgpack";
import { isRecord } from "../../../shared/is-record";
import type { Attributes } from "../schema/schema";
import type { DynamicValue } from "../wire/messages";
import { conformObject, FROM_WIRE } from "./conform";
import { decimalDigits, exactNumber } from "./number";
import { UNKNOWN } from "./unknown";
import { InexactNumber, type ObjectValue, type Value } from "./value";

/** A message of the engine cannot be decoded. The error's text contains nothing of it. */
export class WireError extends Error {
  override readonly name = "WireError";
}

/** Decodes an object of the schema `attributes`; null if the engine sent none. */
export function decodeObject(
  attributes: Attributes,
  wire: DynamicValue | null | undefined,
): ObjectValue | null {
  try {
    const raw = decodeWire(wire);
    return raw === null ? null : conformObject(attributes, raw, FROM_WIRE);
  } catch (error) {
    const { message } = error as Error;
    throw new WireError(`The engine sent a value that cannot be read: ${message.slice(0, MOST_SHOWN)}`);
  }
}

export function encodeObject(object: ObjectValue | null): DynamicValue {
  return { msgpack: encode(toWire(object), { maxDepth: DEEPEST }) };
}

/** The number of characters that a message shows of a problem, which may contain names from the engine of any length. */
const MOST_SHOWN = 500;

// Schemas may be nested deeper than the library's default of 100.
const DEEPEST = 10_000;

function decodeWire(wire: DynamicValue | null | undefined): unknown {
  if (wire?.msgpack?.length) return decodeMsgpack(wire.msgpack);
  if (wire?.json?.length) return parseExactJson(wire.json);
  throw new WireError("there is none");
}

function decodeMsgpack(bytes: Uint8Array): unknown {
  let escaped = false;
  const keyDecoder: KeyDecoder = {
    canBeCached: (length) => length === PROTO_KEY.length,
    decode: (source, offset, length) => {
      const key = Buffer.from(source.buffer, source.byteOffset + offset, length).toString();
      if (key !== PROTO_KEY) return key;
      escaped = true;
      return ESCAPED_PROTO_KEY;
    },
  };
  const raw = decode(bytes, {
    useBigInt64: true,
    extensionCodec: UNKNOWNS,
    keyDecoder,
    // Bounds the memory: the library allocates as many elements as a list claims to have.
    maxArrayLength: bytes.length,
  });
  return escaped ? restoreProtoKeys(raw) : raw;
}

type KeyDecoder = NonNullable<NonNullable<Parameters<typeof decode>[1]>["keyDecoder"]>;

/** Every extension is an unknown value; a payload only restricts what the value may become. */
const UNKNOWNS: ExtensionCodecType<undefined> = { tryToEncode: () => null, decode: () => UNKNOWN };

// The library refuses this key, but a user's map may have it. The escaped key contains a lone surrogate, so
// no text decoded from UTF-8 can equal it.
const PROTO_KEY = "__proto__";
const ESCAPED_PROTO_KEY = "\ud800__proto__";

function restoreProtoKeys(raw: unknown): unknown {
  if (Array.isArray(raw)) return raw.map(restoreProtoKeys);
  if (!isRecord(raw)) return raw;
  const restored: Record<string, unknown> = Object.create(null);
  for (const [key, value] of Object.entries(raw)) {
    restored[key === ESCAPED_PROTO_KEY ? PROTO_KEY : key] = restoreProtoKeys(value);
  }
  return restored;
}

/** `JSON.parse` whose error contains nothing of the content. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    throw new WireError("The engine sent something that is not JSON.");
  }
}

/** `parseJson` that refuses numbers which `JSON.parse` would round. */
export function parseExactJson(bytes: Uint8Array): unknown {
  const raw = parseJson(bytes);
  const text = Buffer.from(bytes).toString("utf8");
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/gs)) {
    if (!token.startsWith('"') && typeof exactNumber(token) !== "number") {
      throw new WireError("The state holds a number that JavaScript would round.");
    }
  }
  return raw;
}

function toWire(value: Value): unknown {
  if (value === UNKNOWN) return new ExtData(0, Uint8Array.of(0));
  if (value instanceof InexactNumber) return value.digits;
  if (typeof value === "number") return numberToWire(value);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(toWire);
  const object: Record<string, unknown> = Object.create(null);
  for (const [name, element] of Object.entries(value)) object[name] = toWire(element);
  return object;
}

/** Encodes integers as integers and fractions as decimal digits, as the engine reads them from a configuration. */
function numberToWire(value: number): number | string {
  return Number.isSafeInteger(value) ? value : decimalDigits(value);
}
