import type { AttributePath } from "./diagnostics";
import type { Attribute, Attributes, AttributeType, NestedType } from "./schema";
import { UNKNOWN } from "./unknown";
import { elements, equalValues, isObject, type ObjectValue, type Value } from "./value";

/**
 * What an engine would refuse in a plan or in the result of an apply, found before it is answered: as the provider's
 * own words, with the attribute's path.
 *
 * No message holds a value: which ones are sensitive is known to the engine alone.
 */
export interface Violation {
  readonly path: AttributePath;
  readonly problem: string;
}

/**
 * A plan must equal the configuration wherever that is not null, or else the prior value exactly, which says that both
 * mean the same; where the configuration is null, only a computed attribute may have a value.
 */
export function planViolations(
  attributes: Attributes,
  prior: ObjectValue | null,
  config: ObjectValue,
  planned: ObjectValue,
  path: AttributePath = [],
): Violation[] {
  return Object.entries(attributes).flatMap(([name, attribute]) =>
    plannedAttribute(attribute, prior?.[name] ?? null, config[name] ?? null, planned[name] ?? null, [
      ...path,
      name,
    ]),
  );
}

// biome-ignore lint/suspicious/noExplicitAny: attributes of any value type
type AnyAttribute = Attribute<any>;

function plannedAttribute(
  attribute: AnyAttribute,
  prior: Value,
  config: Value,
  planned: Value,
  path: AttributePath,
): Violation[] {
  const { type } = attribute;
  if (attribute.writeOnly)
    return planned === null ? [] : [{ path, problem: "is write-only and was planned" }];
  if (equalValues(type, planned, config)) return [];
  if (prior !== null && config !== null && equalValues(type, planned, prior)) return [];
  if (attribute.computed && (config === null || !attribute.optional)) return [];
  if (config === null) return [{ path, problem: "is not computed, not configured, and was planned" }];
  if (type.kind === "nested") return plannedNested(type, prior, config, planned, path);
  return [{ path, problem: "is planned neither as it is configured nor as it was before" }];
}

function plannedNested(
  type: NestedType,
  prior: Value,
  config: Value,
  planned: Value,
  path: AttributePath,
): Violation[] {
  if (planned === null) return [{ path, problem: "is configured and was planned as null" }];
  if (planned === UNKNOWN) return [{ path, problem: "is configured and was planned as unknown" }];
  if (config === UNKNOWN) return [{ path, problem: "is not known yet and was planned as known" }];
  if (type.nesting === "single") return plannedElement(type, prior, config, planned, path);
  const [was, wanted, plans] = [elements(prior), elements(config), elements(planned)];
  return [
    ...[...plans].flatMap(([key, element]) =>
      wanted.has(key)
        ? plannedElement(type, was.get(key) ?? null, wanted.get(key) ?? null, element, [...path, key])
        : [{ path, problem: "was planned with more elements than are configured" }],
    ),
    ...[...wanted.keys()]
      .filter((key) => !plans.has(key))
      .map(() => ({ path, problem: "was planned with fewer elements than are configured" })),
  ];
}

function plannedElement(
  type: NestedType,
  prior: Value,
  config: Value,
  planned: Value,
  path: AttributePath,
): Violation[] {
  if (isObject(config) && isObject(planned)) {
    return planViolations(type.attributes, isObject(prior) ? prior : null, config, planned, path);
  }
  return config === planned ? [] : [{ path, problem: "is planned differently from how it is configured" }];
}

/** The result of an apply must have every value that the plan knew. Where that knew none, anything goes here. */
export function resultViolations(
  attributes: Attributes,
  planned: ObjectValue,
  actual: ObjectValue,
  path: AttributePath = [],
): Violation[] {
  return Object.entries(attributes).flatMap(([name, { type }]) =>
    resultingValue(type, planned[name] ?? null, actual[name] ?? null, [...path, name]),
  );
}

function resultingValue(
  type: AttributeType,
  planned: Value,
  actual: Value,
  path: AttributePath,
): Violation[] {
  if (planned === UNKNOWN) return [];
  if (actual === UNKNOWN) return [{ path, problem: "was known in the plan and is unknown now" }];
  if (planned === null)
    return actual === null ? [] : [{ path, problem: "was planned as null and now has a value" }];
  if (actual === null) return [{ path, problem: "was planned with a value and is now null" }];
  switch (type.kind) {
    case "nested":
      return type.nesting === "single"
        ? resultingObject(type, planned, actual, path)
        : resultingElements(planned, actual, path, (a, b, at) => resultingObject(type, a, b, at));
    case "list":
    case "map":
      return resultingElements(planned, actual, path, (a, b, at) => resultingValue(type.element, a, b, at));
    case "set":
      return resultingSet(type.element, planned as readonly Value[], actual as readonly Value[], path);
    default:
      return equalValues(type, planned, actual)
        ? []
        : [{ path, problem: "has another value than was planned" }];
  }
}

function resultingObject(type: NestedType, planned: Value, actual: Value, path: AttributePath): Violation[] {
  if (planned === UNKNOWN || planned === actual) return [];
  if (isObject(planned) && isObject(actual)) return resultViolations(type.attributes, planned, actual, path);
  return [{ path, problem: "is not the object that was planned" }];
}

function resultingElements(
  planned: Value,
  actual: Value,
  path: AttributePath,
  compare: (planned: Value, actual: Value, path: AttributePath) => Violation[],
): Violation[] {
  const [plans, results] = [elements(planned), elements(actual)];
  return [
    ...[...plans].flatMap(([key, element]) =>
      results.has(key)
        ? compare(element, results.get(key) ?? null, [...path, key])
        : [{ path: [...path, key], problem: "was planned and is not there now" }],
    ),
    ...[...results.keys()]
      .filter((key) => !plans.has(key))
      .map((key) => ({ path: [...path, key], problem: "was not planned and is there now" })),
  ];
}

function resultingSet(
  element: AttributeType,
  planned: readonly Value[],
  actual: readonly Value[],
  path: AttributePath,
): Violation[] {
  const fits = (a: Value, b: Value) => a === UNKNOWN || resultingValue(element, a, b, path).length === 0;
  const complete =
    planned.every((a) => actual.some((b) => fits(a, b))) &&
    actual.every((b) => planned.some((a) => fits(a, b))) &&
    actual.length <= planned.length;
  return complete ? [] : [{ path, problem: "has other elements than were planned" }];
}

/** Where `value` is not known yet. */
export function unknownsIn(value: Value, path: AttributePath = []): AttributePath[] {
  if (value === UNKNOWN) return [path];
  return [...elements(value)].flatMap(([key, element]) => unknownsIn(element, [...path, key]));
}

/** `value` with null in place of what is not known: the nearest thing to it that an engine can store. */
export function withoutUnknowns<V extends Value>(value: V): V {
  if (value === UNKNOWN) return null as V;
  if (Array.isArray(value)) return value.map((element) => withoutUnknowns(element)) as readonly Value[] as V;
  if (!isObject(value)) return value;
  const known: Record<string, Value> = Object.create(Object.getPrototypeOf(value));
  for (const [key, element] of Object.entries(value)) known[key] = withoutUnknowns(element);
  return known as ObjectValue as V;
}
