import { zip } from "../../../shared/grouping";
import type { Attributes, AttributeType, NestedType } from "../schema/schema";
import { canonicalDigits } from "./number";
import { UNKNOWN } from "./unknown";
import { InexactNumber, isList, isObject, type ObjectValue, type Value } from "./value";

/**
 * Whether both are equal to Terraform, which ignores the order of sets and compares strings in Unicode's
 * normal form C.
 */
export function equalValues(type: AttributeType, a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a === null || b === null || a === UNKNOWN || b === UNKNOWN) return false;
  switch (type.kind) {
    case "list":
      return equalLists(a, b, (x, y) => equalValues(type.element, x, y));
    case "set":
      return equalSets(a, b, (x, y) => equalValues(type.element, x, y));
    case "map":
      return equalMaps(a, b, (x, y) => equalValues(type.element, x, y));
    case "nested":
      return equalNested(type, a, b);
    case "number":
      return equalNumbers(a, b);
    default:
      return typeof a === "string" && typeof b === "string" && a.normalize() === b.normalize();
  }
}

function equalObjects(attributes: Attributes, a: ObjectValue, b: ObjectValue): boolean {
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
      return equalLists(a, b, element);
    case "map":
      return equalMaps(a, b, element);
  }
}

type Equality = (a: Value, b: Value) => boolean;

function equalLists(a: Value, b: Value, equal: Equality): boolean {
  if (!isList(a) || !isList(b)) return false;
  return a.length === b.length && zip(a, b).every(([x, y]) => equal(x, y));
}

function equalSets(a: Value, b: Value, equal: Equality): boolean {
  if (!isList(a) || !isList(b)) return false;
  return (
    a.every((element) => b.some((other) => equal(element, other))) &&
    b.every((element) => a.some((other) => equal(other, element)))
  );
}

function equalMaps(a: Value, b: Value, equal: Equality): boolean {
  if (!isObject(a) || !isObject(b)) return false;
  const entries = Object.entries(a);
  return (
    entries.length === Object.keys(b).length &&
    entries.every(([key, element]) => Object.hasOwn(b, key) && equal(element, b[key] ?? null))
  );
}

/** Compares numbers that are not identical. An exact and an inexact one always differ. */
function equalNumbers(a: Value, b: Value): boolean {
  return (
    a instanceof InexactNumber &&
    b instanceof InexactNumber &&
    canonicalDigits(a.digits) === canonicalDigits(b.digits)
  );
}
