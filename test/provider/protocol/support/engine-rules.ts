/**
 * Terraform's rules for plans and results, as far as schemas without nested blocks need them: written from the
 * description of the core's behaviour, apart from the code under test, to be held against it.
 *
 * Values are plain: null, strings, numbers, booleans, arrays, records, and `UNKNOWN`.
 */
import type { Attribute, Attributes, AttributeType } from "../../../../lib/provider/protocol/schema/schema";
import { UNKNOWN } from "../../../../lib/provider/protocol/values/unknown";

type Plain = unknown;
type Fields = Record<string, Plain>;
// biome-ignore lint/suspicious/noExplicitAny: attributes of any value type
type AnyAttribute = Attribute<any>;

/** Equal to the last leaf, unknown being equal to unknown. */
function rawEquals(type: AttributeType, a: Plain, b: Plain): boolean {
  if (a === null || b === null || a === UNKNOWN || b === UNKNOWN) return a === b;
  return JSON.stringify(normalForm(type, a)) === JSON.stringify(normalForm(type, b));
}

function normalForm(type: AttributeType, value: Plain): Plain {
  if (value === null) return null;
  if (value === UNKNOWN) return { unknown: true };
  switch (type.kind) {
    case "string":
      return `s${(value as string).normalize("NFC")}`;
    case "bool":
      return value;
    case "number":
      return Number(value);
    case "list":
      return (value as Plain[]).map((element) => normalForm(type.element, element));
    case "set": {
      const texts = (value as Plain[]).map((element) => JSON.stringify(normalForm(type.element, element)));
      return [...new Set(texts)].sort();
    }
    case "map":
      return entriesOf(value).map(([key, element]) => [key, normalForm(type.element, element)]);
    case "nested": {
      const object = (element: Plain) =>
        element === null || element === UNKNOWN
          ? normalForm({ kind: "bool" }, element)
          : Object.entries(type.attributes).map(([name, inner]) =>
              normalForm(inner.type, (element as Fields)[name] ?? null),
            );
      if (type.nesting === "single") return object(value);
      if (type.nesting === "list") return (value as Plain[]).map(object);
      return entriesOf(value).map(([key, element]) => [key, object(element)]);
    }
  }
}

function entriesOf(value: Plain): [string, Plain][] {
  return Object.entries(value as Fields).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** What the core proposes: the configuration, with prior values where it is null and the attribute computed. */
export function proposedNewState(attributes: Attributes, prior: Fields | null, config: Fields): Fields {
  return record(attributes, (name, attribute) => {
    const was = prior?.[name] ?? null;
    const wanted = config[name] ?? null;
    if (attribute.computed && wanted === null) return cameFromConfiguration(attribute, was) ? null : was;
    const { type } = attribute;
    if (type.kind !== "nested" || wanted === null || wanted === UNKNOWN) return wanted;
    const element = (before: Plain, after: Plain) =>
      before === null || before === undefined || after === UNKNOWN
        ? after
        : proposedNewState(type.attributes, before as Fields, after as Fields);
    if (type.nesting === "single")
      return proposedNewState(type.attributes, was as Fields | null, wanted as Fields);
    if (type.nesting === "list") {
      return (wanted as Plain[]).map((after, index) => element((was as Plain[] | null)?.[index], after));
    }
    return Object.fromEntries(
      Object.entries(wanted).map(([key, after]) => [
        key,
        element(was !== null && Object.hasOwn(was, key) ? (was as Fields)[key] : null, after),
      ]),
    );
  });
}

function record(attributes: Attributes, value: (name: string, attribute: AnyAttribute) => Plain): Fields {
  return Object.fromEntries(Object.entries(attributes).map(([name, one]) => [name, value(name, one)]));
}

/** An optional object in the state with something in it that no provider could have computed. */
function cameFromConfiguration({ optional, type }: AnyAttribute, value: Plain): boolean {
  if (!optional || type.kind !== "nested" || value === null) return false;
  const objects = type.nesting === "single" ? [value] : Object.values(value as Fields);
  return objects.some((object) => hasConfigured(type.attributes, object as Fields));
}

function hasConfigured(attributes: Attributes, object: Fields | null): boolean {
  if (object === null) return false;
  return Object.entries(attributes).some(([name, attribute]) => {
    const value = object[name] ?? null;
    if (value === null) return false;
    if (!attribute.computed) return true;
    const { type } = attribute;
    if (type.kind !== "nested") return false;
    const inner = type.nesting === "single" ? [value] : Object.values(value as Fields);
    return inner.some((element) => hasConfigured(type.attributes, element as Fields));
  });
}

/** The errors of a "Provider produced invalid plan". */
export function planErrors(
  attributes: Attributes,
  prior: Fields | null,
  config: Fields,
  planned: Fields,
  at = "",
): string[] {
  return Object.entries(attributes).flatMap(([name, attribute]) => {
    const was = prior?.[name] ?? null;
    const [wanted, plans] = [config[name] ?? null, planned[name] ?? null];
    const where = `${at}.${name}`;
    const { type, computed, optional, writeOnly } = attribute;
    if (writeOnly) return plans === null ? [] : [`${where}: write-only attribute has a planned value`];
    if (rawEquals(type, plans, wanted)) return [];
    if (rawEquals(type, plans, was) && was !== null && wanted !== null) return [];
    if (computed && !optional) return [];
    if (wanted === null) return computed ? [] : [`${where}: planned value for a non-computed attribute`];
    if (type.kind === "nested") return nestedPlanErrors(type, was, wanted, plans, where);
    return [`${where}: planned value does not match config value nor prior value`];
  });
}

function nestedPlanErrors(
  { nesting, attributes }: Extract<AttributeType, { kind: "nested" }>,
  prior: Plain,
  config: Plain,
  planned: Plain,
  at: string,
): string[] {
  if (planned === null) return [`${at}: planned for absence but config wants existence`];
  if (planned === UNKNOWN) return [`${at}: planned unknown for configured value`];
  if (config === UNKNOWN) return [`${at}: count in plan disagrees with count in config`];
  const [was, wanted, plans] = [prior, config, planned].map((value) =>
    nesting === "single" ? { only: value } : { ...(value as Fields | null) },
  ) as [Fields, Fields, Fields];
  if (Object.keys(wanted).length !== Object.keys(plans).length) return [`${at}: count in plan disagrees`];
  return Object.entries(plans).flatMap(([key, element]) => {
    if (!Object.hasOwn(wanted, key)) return [`${at}: map key ${key} from plan is not present in config`];
    const [before, asked] = [Object.hasOwn(was, key) ? was[key] : null, wanted[key]];
    if (element === null || element === UNKNOWN || asked === null || asked === UNKNOWN) {
      return element === asked ? [] : [`${at}[${key}]: element differs`];
    }
    return planErrors(
      attributes,
      before as Fields | null,
      asked as Fields,
      element as Fields,
      `${at}[${key}]`,
    );
  });
}

/** The errors of a "Provider produced inconsistent result after apply". */
export function resultErrors(attributes: Attributes, planned: Fields, actual: Fields, at = ""): string[] {
  return Object.entries(attributes).flatMap(([name, { type }]) =>
    valueErrors(type, planned[name] ?? null, actual[name] ?? null, `${at}.${name}`),
  );
}

function valueErrors(type: AttributeType, planned: Plain, actual: Plain, at: string): string[] {
  if (planned === UNKNOWN) return [];
  if (actual === UNKNOWN) return [`${at}: was known, but now unknown`];
  if (actual === null) return planned === null ? [] : [`${at}: was present, but now null`];
  if (planned === null) return [`${at}: was null, but now present`];
  switch (type.kind) {
    case "string":
    case "number":
    case "bool":
      return rawEquals(type, planned, actual) ? [] : [`${at}: was another value`];
    case "list":
    case "map":
      return elementErrors(planned, actual, at, (a, b, where) => valueErrors(type.element, a, b, where));
    case "set": {
      const [plans, results] = [planned as Plain[], actual as Plain[]];
      const fits = (a: Plain, b: Plain) => valueErrors(type.element, a, b, at).length === 0;
      return plans.every((a) => results.some((b) => fits(a, b))) &&
        results.every((b) => plans.some((a) => fits(a, b))) &&
        results.length <= plans.length
        ? []
        : [`${at}: set elements do not correlate`];
    }
    case "nested": {
      const object = (a: Plain, b: Plain, where: string) => {
        if (a === UNKNOWN) return [];
        if (a === null || b === null || b === UNKNOWN) return a === b ? [] : [`${where}: object differs`];
        return resultErrors(type.attributes, a as Fields, b as Fields, where);
      };
      return type.nesting === "single"
        ? object(planned, actual, at)
        : elementErrors(planned, actual, at, object);
    }
  }
}

function elementErrors(
  planned: Plain,
  actual: Plain,
  at: string,
  compare: (planned: Plain, actual: Plain, at: string) => string[],
): string[] {
  const [plans, results] = [planned as Fields, actual as Fields];
  return [
    ...Object.keys(plans).flatMap((key) =>
      Object.hasOwn(results, key)
        ? compare(plans[key], results[key], `${at}[${key}]`)
        : [`${at}[${key}]: vanished`],
    ),
    ...Object.keys(results)
      .filter((key) => !Object.hasOwn(plans, key))
      .map((key) => `${at}[${key}]: appeared`),
  ];
}

/** Whether nothing in `value` is unknown. */
export function isKnown(value: Plain): boolean {
  if (value === UNKNOWN) return false;
  if (typeof value !== "object" || value === null) return true;
  return Object.values(value).every(isKnown);
}
