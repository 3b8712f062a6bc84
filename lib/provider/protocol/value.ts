import type { AttributePath } from "./diagnostics";
import type { Attributes, AttributeType, NestedType, PrimitiveType } from "./schema";
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
 * A number that no JavaScript number holds exactly, as its decimal digits. Kept so that what passes through is never
 * rounded; `configurationProblems` refuses it in a configuration, so a resource never meets one.
 */
export class InexactNumber {
  constructor(readonly digits: string) {}
}

/** A value that does not fit its schema. The message names types, never the value itself, which may be a secret. */
export class ValueError extends Error {
  override readonly name = "ValueError";

  constructor(
    readonly problem: string,
    readonly path: AttributePath,
  ) {
    super(path.length === 0 ? problem : `${formatPath(path)}: ${problem}`);
  }
}

/** Where a value comes from decides what may be missing and how a number looks. */
export interface Origin {
  /** Whether an attribute that is missing is null. */
  readonly missingIsNull: boolean;
  /** Null for what is no number. */
  number(raw: unknown): number | InexactNumber | null;
}

/** Values that a resource, a data source or `upgrade` built. */
export const FROM_PROVIDER: Origin = {
  missingIsNull: true,
  number: (raw) =>
    raw instanceof InexactNumber || (typeof raw === "number" && Number.isFinite(raw)) ? raw : null,
};

/** Values that came over the wire, where most numbers that are no integers are decimal strings. */
export const FROM_WIRE: Origin = {
  missingIsNull: false,
  number: (raw) => {
    if (typeof raw === "bigint" || typeof raw === "string") return exactNumber(String(raw));
    return typeof raw === "number" && Number.isFinite(raw) ? raw : null;
  },
};

/**
 * Makes `raw` fit the schema: fills in null for missing attributes where that is allowed, and throws a `ValueError`
 * for anything else that does not fit.
 */
export function conformObject(
  attributes: Attributes,
  raw: unknown,
  origin: Origin,
  path: AttributePath = [],
): ObjectValue {
  if (!isRecord(raw)) throw mismatch("an object", raw, path);
  for (const name of Object.keys(raw)) {
    if (!Object.hasOwn(attributes, name)) {
      throw new ValueError("the schema has no attribute of this name", [...path, name]);
    }
  }
  const object: Record<string, Value> = {};
  for (const [name, { type }] of Object.entries(attributes)) {
    const present = Object.hasOwn(raw, name);
    if (!present && !origin.missingIsNull) throw new ValueError("is missing", [...path, name]);
    object[name] = conform(type, present ? raw[name] : null, origin, [...path, name]);
  }
  return object;
}

function conform(type: AttributeType, raw: unknown, origin: Origin, path: AttributePath): Value {
  if (raw === UNKNOWN) return UNKNOWN;
  if (raw === null || raw === undefined) return null;
  switch (type.kind) {
    case "list":
    case "set":
      return conformList(raw, path, (element, at) => conform(type.element, element, origin, at));
    case "map":
      return conformMap(raw, path, (element, at) => conform(type.element, element, origin, at));
    case "nested":
      return conformNested(type, raw, origin, path);
    default:
      return conformPrimitive(type.kind, raw, origin, path);
  }
}

function conformNested(type: NestedType, raw: unknown, origin: Origin, path: AttributePath): Value {
  const element = (value: unknown, at: AttributePath): Value =>
    value === UNKNOWN
      ? UNKNOWN
      : value === null || value === undefined
        ? null
        : conformObject(type.attributes, value, origin, at);
  switch (type.nesting) {
    case "single":
      return element(raw, path);
    case "list":
      return conformList(raw, path, element);
    case "map":
      return conformMap(raw, path, element);
  }
}

type Element = (raw: unknown, path: AttributePath) => Value;

function conformList(raw: unknown, path: AttributePath, element: Element): Value {
  if (!Array.isArray(raw)) throw mismatch("a list", raw, path);
  return raw.map((value, index) => element(value, [...path, index]));
}

function conformMap(raw: unknown, path: AttributePath, element: Element): Value {
  if (!isRecord(raw)) throw mismatch("a map", raw, path);
  const map: Record<string, Value> = Object.create(null);
  for (const [key, value] of Object.entries(raw)) map[key] = element(value, [...path, key]);
  return map;
}

function conformPrimitive(kind: PrimitiveType, raw: unknown, origin: Origin, path: AttributePath): Value {
  switch (kind) {
    case "string":
      if (typeof raw !== "string") throw mismatch("a string", raw, path);
      if (/\p{Surrogate}/u.test(raw)) throw new ValueError("is not well-formed Unicode", path);
      return raw;
    case "bool":
      if (typeof raw !== "boolean") throw mismatch("a bool", raw, path);
      return raw;
    case "number": {
      const number = origin.number(raw);
      if (number === null) throw mismatch("a finite number", raw, path);
      return number;
    }
  }
}

/** The number that these decimal digits are, as a JavaScript number where that holds it exactly. */
export function exactNumber(digits: string): number | InexactNumber | null {
  if (!/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(digits)) return null;
  const number = Number(digits);
  const exact = Number.isFinite(number) && canonicalDigits(String(number)) === canonicalDigits(digits);
  return exact ? number : new InexactNumber(digits);
}

/** `-12.50e1` and `-125` alike as `-125e0`: all digits that count, and a power of ten. */
function canonicalDigits(text: string): string {
  const [, sign, whole, fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  const power = Number(exponent) - fraction.length + (digits.length - significant.length);
  return `${sign}${significant}e${power}`;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

function mismatch(expected: string, raw: unknown, path: AttributePath): ValueError {
  return new ValueError(`must be ${expected}, and is ${describeType(raw)}`, path);
}

function describeType(raw: unknown): string {
  if (raw === UNKNOWN) return "not known yet";
  if (raw === null || raw === undefined) return "null";
  if (Array.isArray(raw)) return "a list";
  if (typeof raw === "number" && !Number.isFinite(raw)) return "not a finite number";
  return typeof raw === "object" ? "a map" : `a ${typeof raw}`;
}

/** Such as `files["/etc/a"].mode`, for a message. */
export function formatPath(path: AttributePath): string {
  return path
    .map((step, index) =>
      typeof step === "number"
        ? `[${step}]`
        : /^[A-Za-z_][A-Za-z0-9_-]*$/.test(step)
          ? `${index === 0 ? "" : "."}${step}`
          : `[${JSON.stringify(step)}]`,
    )
    .join("");
}

/** Whether both are the same value to Terraform: sets without order, strings in Unicode's normal form C. */
export function equalValues(type: AttributeType, a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a === null || b === null || a === UNKNOWN || b === UNKNOWN) return false;
  switch (type.kind) {
    case "list":
      return equalLists(a as readonly Value[], b as readonly Value[], (x, y) =>
        equalValues(type.element, x, y),
      );
    case "set":
      return equalSets(a as readonly Value[], b as readonly Value[], (x, y) =>
        equalValues(type.element, x, y),
      );
    case "map":
      return equalMaps(a as ObjectValue, b as ObjectValue, (x, y) => equalValues(type.element, x, y));
    case "nested":
      return equalNested(type, a, b);
    case "number":
      return equalNumbers(a, b);
    default:
      return typeof a === "string" && typeof b === "string" && a.normalize() === b.normalize();
  }
}

export function equalObjects(attributes: Attributes, a: ObjectValue, b: ObjectValue): boolean {
  return Object.entries(attributes).every(([name, { type }]) =>
    equalValues(type, a[name] ?? null, b[name] ?? null),
  );
}

function equalNested(type: NestedType, a: Value, b: Value): boolean {
  const element = (x: Value, y: Value) =>
    x === y || (isObject(x) && isObject(y) && equalObjects(type.attributes, x, y));
  switch (type.nesting) {
    case "single":
      return element(a, b);
    case "list":
      return equalLists(a as readonly Value[], b as readonly Value[], element);
    case "map":
      return equalMaps(a as ObjectValue, b as ObjectValue, element);
  }
}

/** Narrows to an object or a map: not a list, not null, not unknown. */
export function isObject(value: Value | undefined): value is ObjectValue {
  return isRecord(value) && !(value instanceof InexactNumber);
}

/** The elements of a list, a set or a map, or the attributes of an object; none of anything else. */
export function elements(value: Value): ReadonlyMap<string | number, Value> {
  if (Array.isArray(value)) return new Map(value.map((element, index) => [index, element]));
  return isObject(value) ? new Map(Object.entries(value)) : new Map();
}

type Equality = (a: Value, b: Value) => boolean;

function equalLists(a: readonly Value[], b: readonly Value[], equal: Equality): boolean {
  return a.length === b.length && a.every((element, index) => equal(element, b[index] as Value));
}

function equalSets(a: readonly Value[], b: readonly Value[], equal: Equality): boolean {
  return (
    a.every((element) => b.some((other) => equal(element, other))) &&
    b.every((element) => a.some((other) => equal(other, element)))
  );
}

function equalMaps(a: ObjectValue, b: ObjectValue, equal: Equality): boolean {
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equal(a[key] as Value, b[key] as Value))
  );
}

function equalNumbers(a: Value, b: Value): boolean {
  const digits = (value: Value) =>
    canonicalDigits(value instanceof InexactNumber ? value.digits : String(value));
  return digits(a) === digits(b);
}
