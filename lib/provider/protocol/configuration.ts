import type { Diagnostics } from "./diagnostics";
import { PROTOCOL, VALUE } from "./messages";
import type { AttributePath } from "./schema/attribute-path";
import { formatPath } from "./schema/attribute-path";
import type { Attributes, AttributeType } from "./schema/schema";
import { elements, InexactNumber, isObject, type ObjectValue, type Value } from "./values/value";

/**
 * Refuses values that Terraform allows and the TypeScript types of a resource do not: null as an element of a
 * list, set or map, numbers that JavaScript would round, and strings that are not one of an attribute's choices.
 */
export function checkConfiguration(
  attributes: Attributes,
  configuration: ObjectValue,
  diagnostics: Diagnostics,
  path: AttributePath = [],
): void {
  for (const [name, { type, choices }] of Object.entries(attributes)) {
    const value = configuration[name] ?? null;
    checkValue(type, value, diagnostics, [...path, name]);
    if (choices !== undefined) checkChoice(choices, value, diagnostics, [...path, name]);
  }
}

function checkChoice(
  choices: readonly string[],
  value: Value,
  diagnostics: Diagnostics,
  path: AttributePath,
): void {
  if (typeof value !== "string" || choices.includes(value)) return;
  const allowed = choices.map((choice) => `"${choice}"`).join(", ");
  diagnostics.error(VALUE.notAllowed, `"${value}" is not allowed. Use one of ${allowed}.`, path);
}

function checkValue(type: AttributeType, value: Value, diagnostics: Diagnostics, path: AttributePath): void {
  if (value instanceof InexactNumber) {
    refuseNumber(diagnostics, path);
  } else if (type.kind === "nested" && type.nesting === "single") {
    if (isObject(value)) checkConfiguration(type.attributes, value, diagnostics, path);
  } else {
    for (const [step, element] of elements(value)) {
      if (element === null) refuseNull(diagnostics, [...path, step]);
      else checkElement(type, element, diagnostics, [...path, step]);
    }
  }
}

function checkElement(
  type: AttributeType,
  element: Value,
  diagnostics: Diagnostics,
  path: AttributePath,
): void {
  if ("element" in type) checkValue(type.element, element, diagnostics, path);
  else if (type.kind === "nested" && isObject(element)) {
    checkConfiguration(type.attributes, element, diagnostics, path);
  }
}

function refuseNumber(diagnostics: Diagnostics, path: AttributePath): void {
  diagnostics.error(
    VALUE.outOfRange,
    `The number at ${formatPath(path)} has more digits than this provider can hold without rounding. Integers up to 9007199254740991 and fractions of up to 15 digits fit.`,
    path,
  );
}

function refuseNull(diagnostics: Diagnostics, path: AttributePath): void {
  diagnostics.error(
    VALUE.isNull,
    `The element at ${formatPath(path)} is null. Leave it out, or give it a value.`,
    path,
  );
}

/**
 * Refuses values of write-only attributes if the engine is too old to know them: it would write them to its
 * state.
 */
export function checkWriteOnlySupport(
  attributes: Attributes,
  configuration: ObjectValue,
  diagnostics: Diagnostics,
): void {
  for (const [name, { writeOnly }] of Object.entries(attributes)) {
    if (writeOnly !== true || configuration[name] === null) continue;
    diagnostics.error(
      PROTOCOL.needsWriteOnly,
      `The attribute ${name} is write-only, so that its value is never stored. This needs Terraform >= 1.11 or OpenTofu >= 1.11: please upgrade.`,
      [name],
    );
  }
}

/** `object` with every write-only value set to null, as it must be in every answer. */
export function withoutWriteOnly(attributes: Attributes, object: ObjectValue): ObjectValue {
  const clean: Record<string, Value> = { ...object };
  for (const name of Object.keys(attributes)) if (attributes[name]?.writeOnly) clean[name] = null;
  return clean;
}
