import { isRecord } from "../../../shared/is-record";
import type { AttributePath } from "../schema/attribute-path";
import { formatPath } from "../schema/attribute-path";
import type { Attributes, AttributeType, NestedType, PrimitiveType } from "../schema/schema";
import { exactNumber } from "./number";
import { UNKNOWN } from "./unknown";
import { InexactNumber, type ObjectValue, type Value } from "./value";

/**
 * Checks that `raw` fits the schema. Missing attributes become null where that is allowed; anything else that
 * does not fit throws a `ValueError`.
 */
export function conformObject(attributes: Attributes, raw: unknown, origin: Origin): ObjectValue {
  if (!isRecord(raw)) throw mismatch("an object", raw);
  for (const name of Object.keys(raw)) {
    if (!Object.hasOwn(attributes, name))
      throw new ValueError("the schema has no attribute of this name", [name]);
  }
  const object: Record<string, Value> = {};
  for (const [name, { type }] of Object.entries(attributes)) {
    if (!origin.missingIsNull && !Object.hasOwn(raw, name)) throw new ValueError("is missing", [name]);
    try {
      object[name] = conform(type, raw[name], origin);
    } catch (error) {
      throw within(name, error);
    }
  }
  return object;
}

/** A value does not fit its schema. The message names types, never the value itself, which may be a secret. */
export class ValueError extends Error {
  override readonly name = "ValueError";

  constructor(
    readonly problem: string,
    readonly path: AttributePath = [],
  ) {
    super(path.length === 0 ? problem : `${formatPath(path)}: ${problem}`);
  }
}

/** The source of a value, which decides what may be missing and how numbers and texts are represented. */
export interface Origin {
  /** Whether an attribute that is missing is null. */
  readonly missingIsNull: boolean;
  /** Null if it is not a number. */
  number(raw: unknown): number | InexactNumber | null;
  isWellFormed(text: string): boolean;
}

/** Values that a resource, a data source or `upgrade` returned. */
export const FROM_PROVIDER: Origin = {
  missingIsNull: true,
  number: (raw) => (raw instanceof InexactNumber || isFiniteNumber(raw) ? raw : null),
  isWellFormed: (text) => !/\p{Surrogate}/u.test(text),
};

/** Values from the wire, where most numbers that are not integers are decimal strings. */
export const FROM_WIRE: Origin = {
  missingIsNull: false,
  number: (raw) => {
    if (typeof raw === "bigint" || typeof raw === "string") return exactNumber(String(raw));
    return isFiniteNumber(raw) ? raw : null;
  },
  isWellFormed: () => true, // Decoded from UTF-8.
};

function isFiniteNumber(raw: unknown): raw is number {
  return Number.isFinite(raw);
}

function conform(type: AttributeType, raw: unknown, origin: Origin): Value {
  if (raw === UNKNOWN) return UNKNOWN;
  if (raw === null || raw === undefined) return null;
  switch (type.kind) {
    case "list":
    case "set":
      return conformList(raw, (element) => conform(type.element, element, origin));
    case "map":
      return conformMap(raw, (element) => conform(type.element, element, origin));
    case "nested":
      return conformNested(type, raw, origin);
    default:
      return conformPrimitive(type.kind, raw, origin);
  }
}

function conformNested({ nesting, attributes }: NestedType, raw: unknown, origin: Origin): Value {
  const object = (value: unknown): Value => {
    if (value === UNKNOWN) return UNKNOWN;
    return value === null || value === undefined ? null : conformObject(attributes, value, origin);
  };
  switch (nesting) {
    case "single":
      return object(raw);
    case "list":
      return conformList(raw, object);
    case "map":
      return conformMap(raw, object);
  }
}

function conformList(raw: unknown, element: (raw: unknown) => Value): Value {
  if (!Array.isArray(raw)) throw mismatch("a list", raw);
  return raw.map((value, index) => {
    try {
      return element(value);
    } catch (error) {
      throw within(index, error);
    }
  });
}

function conformMap(raw: unknown, element: (raw: unknown) => Value): Value {
  if (!isRecord(raw)) throw mismatch("a map", raw);
  const map: Record<string, Value> = Object.create(null);
  for (const key of Object.keys(raw)) {
    try {
      map[key] = element(raw[key]);
    } catch (error) {
      throw within(key, error);
    }
  }
  return map;
}

function conformPrimitive(kind: PrimitiveType, raw: unknown, origin: Origin): Value {
  switch (kind) {
    case "string":
      if (typeof raw !== "string") throw mismatch("a string", raw);
      if (!origin.isWellFormed(raw)) throw new ValueError("is not well-formed Unicode");
      return raw;
    case "bool":
      if (typeof raw !== "boolean") throw mismatch("a bool", raw);
      return raw;
    case "number": {
      const number = origin.number(raw);
      if (number === null) throw mismatch("a finite number", raw);
      return number;
    }
  }
}

/** Adds a step to the path of an error. The path is only built if there is an error. */
function within(step: string | number, error: unknown): unknown {
  return error instanceof ValueError ? new ValueError(error.problem, [step, ...error.path]) : error;
}

function mismatch(expected: string, raw: unknown): ValueError {
  return new ValueError(`must be ${expected}, and is ${describeType(raw)}`);
}

function describeType(raw: unknown): string {
  if (raw === UNKNOWN) return "not known yet";
  if (raw === null || raw === undefined) return "null";
  if (Array.isArray(raw)) return "a list";
  if (typeof raw === "number" && !Number.isFinite(raw)) return "not a finite number";
  return typeof raw === "object" ? "a map" : `a ${typeof raw}`;
}
