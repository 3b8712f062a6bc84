import type { AttributePath } from "./schema/attribute-path";
import type { Attributes, AttributeType, NestedType } from "./schema/schema";
import { equalValues } from "./values/equality";
import { UNKNOWN } from "./values/unknown";
import { elements, isKnown, isList, isObject, type ObjectValue, type Value } from "./values/value";

/**
 * What an engine would refuse in a plan or in the result of an apply. It is checked before the answer is
 * sent, so that the message names the attribute's path.
 *
 * No message contains a value: only the engine knows which ones are sensitive.
 */
export interface Violation {
  readonly path: AttributePath;
  readonly problem: string;
}

/**
 * A plan must equal the configuration wherever that is not null, or repeat the prior value exactly, which
 * means that both are equivalent. Where the configuration is null, only a computed attribute may have a
 * value.
 */
export function planViolations(
  attributes: Attributes,
  prior: ObjectValue | null,
  config: ObjectValue,
  planned: ObjectValue,
): Violation[] {
  return Object.entries(attributes).flatMap(([name, attribute]) =>
    at(name, plannedAttribute(attribute, prior?.[name] ?? null, config[name] ?? null, planned[name] ?? null)),
  );
}

/**
 * The result of an apply must have every value that was known in the plan. Where the plan had an unknown
 * value, any value is allowed.
 */
export function resultViolations(
  attributes: Attributes,
  planned: ObjectValue,
  actual: ObjectValue,
): Violation[] {
  return Object.entries(attributes).flatMap(([name, { type }]) =>
    at(name, resultingValue(type, planned[name] ?? null, actual[name] ?? null)),
  );
}

/** The paths at which `value` is unknown. */
export function unknownsIn(value: Value): AttributePath[] {
  if (isKnown(value)) return [];
  if (value === UNKNOWN) return [[]];
  return [...elements(value)].flatMap(([key, element]) => unknownsIn(element).map((path) => [key, ...path]));
}

/** `value` with null for everything unknown, so that an engine can store it. */
export function withoutUnknowns<V extends Value>(value: V): V {
  if (value === UNKNOWN) return null as V;
  if (isKnown(value)) return value;
  if (Array.isArray(value)) return value.map((element) => withoutUnknowns(element)) as readonly Value[] as V;
  const known: Record<string, Value> = Object.create(Object.getPrototypeOf(value));
  for (const [key, element] of Object.entries(value as ObjectValue)) known[key] = withoutUnknowns(element);
  return known as ObjectValue as V;
}

function violation(problem: string): Violation[] {
  return [{ path: [], problem }];
}

/** The violations with `step` prepended to their paths. */
function at(step: string | number, violations: Violation[]): Violation[] {
  if (violations.length === 0) return violations;
  return violations.map(({ path, problem }) => ({ path: [step, ...path], problem }));
}

function plannedAttribute(
  { type, computed, optional, writeOnly }: Attributes[string],
  prior: Value,
  config: Value,
  planned: Value,
): Violation[] {
  if (writeOnly) return planned === null ? [] : violation("is write-only and was planned");
  if (equalValues(type, planned, config)) return [];
  if (prior !== null && config !== null && equalValues(type, planned, prior)) return [];
  if (computed && (config === null || !optional)) return [];
  if (config === null) return violation("is not computed, not configured, and was planned");
  if (type.kind === "nested") return plannedNested(type, prior, config, planned);
  return violation("is planned neither as it is configured nor as it was before");
}

function plannedNested(type: NestedType, prior: Value, config: Value, planned: Value): Violation[] {
  if (planned === null) return violation("is configured and was planned as null");
  if (planned === UNKNOWN) return violation("is configured and was planned as unknown");
  if (config === UNKNOWN) return violation("is not known yet and was planned as known");
  if (type.nesting === "single") return plannedObject(type, prior, config, planned);
  const [was, wanted, plans] = [elements(prior), elements(config), elements(planned)];
  return [
    ...[...plans].flatMap(([key, element]) =>
      wanted.has(key)
        ? at(key, plannedObject(type, was.get(key) ?? null, wanted.get(key) ?? null, element))
        : violation("was planned with more elements than are configured"),
    ),
    ...[...wanted.keys()]
      .filter((key) => !plans.has(key))
      .flatMap(() => violation("was planned with fewer elements than are configured")),
  ];
}

function plannedObject(type: NestedType, prior: Value, config: Value, planned: Value): Violation[] {
  if (isObject(config) && isObject(planned)) {
    return planViolations(type.attributes, isObject(prior) ? prior : null, config, planned);
  }
  return config === planned ? [] : violation("is planned differently from how it is configured");
}

function resultingValue(type: AttributeType, planned: Value, actual: Value): Violation[] {
  if (planned === UNKNOWN) return [];
  if (actual === UNKNOWN) return violation("was known in the plan and is unknown now");
  if (planned === null) return actual === null ? [] : violation("was planned as null and now has a value");
  if (actual === null) return violation("was planned with a value and is now null");
  switch (type.kind) {
    case "nested":
      return type.nesting === "single"
        ? resultingObject(type, planned, actual)
        : resultingElements(planned, actual, (a, b) => resultingObject(type, a, b));
    case "list":
    case "map":
      return resultingElements(planned, actual, (a, b) => resultingValue(type.element, a, b));
    case "set":
      return isList(planned) && isList(actual)
        ? resultingSet(type.element, planned, actual)
        : violation("is not the set that was planned");
    default:
      return equalValues(type, planned, actual) ? [] : violation("has another value than was planned");
  }
}

function resultingObject({ attributes }: NestedType, planned: Value, actual: Value): Violation[] {
  if (planned === UNKNOWN || planned === actual) return [];
  if (isObject(planned) && isObject(actual)) return resultViolations(attributes, planned, actual);
  return violation("is not the object that was planned");
}

function resultingElements(
  planned: Value,
  actual: Value,
  compare: (planned: Value, actual: Value) => Violation[],
): Violation[] {
  const [plans, results] = [elements(planned), elements(actual)];
  return [
    ...[...plans].flatMap(([key, element]) =>
      at(
        key,
        results.has(key)
          ? compare(element, results.get(key) ?? null)
          : violation("was planned and is not there now"),
      ),
    ),
    ...[...results.keys()]
      .filter((key) => !plans.has(key))
      .flatMap((key) => at(key, violation("was not planned and is there now"))),
  ];
}

/** Elements of a set have no position: each must have a counterpart. Unknown elements may become equal to others. */
function resultingSet(
  element: AttributeType,
  planned: readonly Value[],
  actual: readonly Value[],
): Violation[] {
  const fits = (a: Value, b: Value) => resultingValue(element, a, b).length === 0;
  const complete =
    planned.every((a) => actual.some((b) => fits(a, b))) &&
    actual.every((b) => planned.some((a) => fits(a, b))) &&
    actual.length <= planned.length;
  return complete ? [] : violation("has other elements than were planned");
}
