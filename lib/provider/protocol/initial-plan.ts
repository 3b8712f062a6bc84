import type { Attributes, NestedType } from "./schema/schema";
import { UNKNOWN } from "./values/unknown";
import { isObject, type ObjectValue, type Value } from "./values/value";

/**
 * The plan that a resource starts from. The engine proposes the configuration, with prior values for computed
 * attributes that are not configured. Without a prior object (on a create, or for a new element) such a value
 * becomes unknown.
 */
export function initialPlan(
  attributes: Attributes,
  prior: ObjectValue | null,
  config: ObjectValue,
  proposed: ObjectValue,
): ObjectValue {
  const planned: Record<string, Value> = {};
  for (const [name, attribute] of Object.entries(attributes)) {
    planned[name] = plannedValue(
      attribute,
      prior !== null,
      prior?.[name] ?? null,
      config[name] ?? null,
      proposed[name] ?? null,
    );
  }
  return planned;
}

function plannedValue(
  { type, computed, writeOnly }: Attributes[string],
  existed: boolean,
  prior: Value,
  config: Value,
  proposed: Value,
): Value {
  if (writeOnly) return null;
  if (computed && config === null) {
    // An engine drops the prior value of a computed object whose configuration was removed.
    const keeps = existed && (proposed !== null || prior === null);
    return keeps ? proposed : UNKNOWN;
  }
  return type.kind === "nested" ? plannedNested(type, prior, config, proposed) : proposed;
}

function plannedNested(type: NestedType, prior: Value, config: Value, proposed: Value): Value {
  const element = (was: Value | undefined, wanted: Value | undefined, suggested: Value): Value =>
    isObject(wanted) && isObject(suggested)
      ? initialPlan(type.attributes, isObject(was) ? was : null, wanted, suggested)
      : suggested;
  if (type.nesting === "single") return element(prior, config, proposed);
  if (Array.isArray(proposed) && Array.isArray(config)) {
    const was: readonly Value[] = Array.isArray(prior) ? prior : [];
    return proposed.map((suggested, index) => element(was[index], config[index], suggested));
  }
  if (!isObject(proposed) || !isObject(config)) return proposed;
  const planned: Record<string, Value> = Object.create(null);
  for (const [key, suggested] of Object.entries(proposed)) {
    planned[key] = element(isObject(prior) ? prior[key] : undefined, config[key], suggested);
  }
  return planned;
}
