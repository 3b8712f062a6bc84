import type { Attributes, AttributeType, NestedType } from "../schema/schema";
import { canonicalDigits } from "./number";
import { UNKNOWN } from "./unknown";
import { InexactNumber, isObject, type ObjectValue, type Value } from "./value";

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

function equalObjects(attributes: Attributes, a: ObjectValue, b: ObjectValue): boolean {
  return Object.keys(attributes).every((name) =>
    equalValues((attributes[name] as Attributes[string]).type, a[name] ?? null, b[name] ?? null),
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

/** Of numbers that are not the very same: where one of them is exact, they differ. */
function equalNumbers(a: Value, b: Value): boolean {
  return (
    a instanceof InexactNumber &&
    b instanceof InexactNumber &&
    canonicalDigits(a.digits) === canonicalDigits(b.digits)
  );
}
