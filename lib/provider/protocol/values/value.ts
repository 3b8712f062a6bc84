import { isRecord } from "../../../shared/is-record";
import { UNKNOWN, type Unknown } from "./unknown";

/** A value that fits its schema: every attribute present, nothing `undefined`. */
export type Value =
  | Unknown
  | null
  | string
  | number
  | boolean
  | InexactNumber
  | readonly Value[]
  | ObjectValue;

/** An object, or a map. A map has no prototype, so that a key such as `constructor` or `__proto__` is only a key. */
export interface ObjectValue {
  readonly [name: string]: Value;
}

/**
 * A number that JavaScript cannot represent exactly, as decimal digits, so that values that pass through are
 * never rounded. `checkConfiguration` refuses it in a configuration, so a resource never receives one.
 */
export class InexactNumber {
  constructor(readonly digits: string) {}
}

/** Whether the value is an object or a map: not a list, not null, not unknown. */
export function isObject(value: Value | undefined): value is ObjectValue {
  return isRecord(value) && !(value instanceof InexactNumber);
}

/** Whether the value is a list or a set. */
export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** The elements of a list, a set or a map, or the attributes of an object; empty for other values. */
export function elements(value: Value): ReadonlyMap<string | number, Value> {
  if (Array.isArray(value)) return new Map(value.map((element, index) => [index, element]));
  return isObject(value) ? new Map(Object.entries(value)) : new Map();
}

/** Whether no part of `value` is unknown. */
export function isKnown(value: Value): boolean {
  if (value === UNKNOWN) return false;
  if (value === null || typeof value !== "object" || value instanceof InexactNumber) return true;
  return Object.values(value).every((element) => isKnown(element));
}
