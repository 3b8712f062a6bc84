import fc, { type Arbitrary } from "fast-check";
import type {
  Attribute,
  Attributes,
  AttributeType,
  ValueType,
} from "../../../../lib/provider/protocol/schema/schema";
import { UNKNOWN } from "../../../../lib/provider/protocol/values/unknown";

// biome-ignore lint/suspicious/noExplicitAny: attributes of any value type
type AnyAttribute = Attribute<any>;
type Fields = Record<string, unknown>;

/** Every value of a sensitive or write-only attribute contains it: it must be in no message. */
export const SECRET = "S3CR3T";

const primitive = fc.constantFrom("string", "number", "bool").map((kind) => ({ kind }) as ValueType);

const valueType: Arbitrary<ValueType> = fc.oneof(
  { weight: 3, arbitrary: primitive },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom("list", "set", "map"), primitive)
      .map(([kind, element]) => ({ kind, element }) as ValueType),
  },
);

function attributeType(depth: number): Arbitrary<AttributeType> {
  if (depth === 0) return valueType;
  const nested = fc
    .tuple(fc.constantFrom("single", "list", "map"), attributesOf(depth - 1, false))
    .map(([nesting, attributes]) => ({ kind: "nested", nesting, attributes }) as AttributeType);
  return fc.oneof({ weight: 3, arbitrary: valueType }, { weight: 2, arbitrary: nested });
}

const flags = fc.constantFrom(
  { required: true },
  { optional: true },
  { computed: true },
  { optional: true, computed: true },
  { optional: true, writeOnly: true },
);

function attributesOf(depth: number, top: boolean): Arbitrary<Attributes> {
  const one = fc
    .record({
      type: attributeType(depth),
      flags: top ? flags : flags.filter((candidate) => !("writeOnly" in candidate)),
      sensitive: fc.boolean(),
    })
    .map(
      ({ type, flags, sensitive }) => ({ type, ...flags, sensitive, description: "Some." }) as AnyAttribute,
    );
  return fc
    .uniqueArray(one, { minLength: 1, maxLength: 4, selector: () => ({}) })
    .map((all) => Object.fromEntries(all.map((attribute, index) => [`a${index}`, attribute])));
}

/** The attributes of a resource, with nested ones up to two levels deep. */
export const schemas: Arbitrary<Attributes> = attributesOf(2, true);

const texts = fc.string({ unit: "grapheme", maxLength: 6 }).map((text) => text.normalize("NFC"));
const numbers = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
);
const keys = fc.oneof(fc.constantFrom("__proto__", "constructor", "a", "b", "0", "/etc/a.conf", ""), texts);

function known(type: ValueType, secret: boolean): Arbitrary<unknown> {
  switch (type.kind) {
    case "string":
      return secret ? texts.map((text) => `${SECRET}${text}`) : texts;
    case "number":
      return numbers;
    case "bool":
      return fc.boolean();
    case "list":
      return fc.array(known(type.element, secret), { maxLength: 3 });
    case "set":
      return fc.uniqueArray(known(type.element, secret), { maxLength: 3, comparator: "IsStrictlyEqual" });
    case "map":
      return mapOf(known(type.element, secret));
  }
}

function mapOf(element: Arbitrary<unknown>): Arbitrary<Fields> {
  return fc
    .uniqueArray(fc.tuple(keys, element), { maxLength: 3, selector: ([key]) => key })
    .map((entries) => Object.fromEntries(entries));
}

interface Shape {
  /** Whether anything may be unknown. */
  readonly unknowns: boolean;
  /** Whether what is only computed has a value: in a state, but not in a configuration. */
  readonly computed: boolean;
}

function value(attribute: AnyAttribute, shape: Shape, hidden: boolean): Arbitrary<unknown> {
  const { type, required, sensitive, writeOnly, optional, computed } = attribute;
  const secret = hidden || sensitive === true || writeOnly === true;
  if (!shape.computed && computed && !optional) return fc.constant(null);
  if (shape.computed && writeOnly) return fc.constant(null);
  const present =
    type.kind === "nested" ? nestedValue(type, shape, secret) : partlyUnknown(type, shape, secret);
  return fc.oneof(
    { weight: 6, arbitrary: present },
    { weight: required ? 0 : 3, arbitrary: fc.constant(null) },
    { weight: shape.unknowns ? 1 : 0, arbitrary: fc.constant(UNKNOWN) },
  );
}

function partlyUnknown(type: ValueType, { unknowns }: Shape, secret: boolean): Arbitrary<unknown> {
  if (!unknowns || !("element" in type)) return known(type, secret);
  const element = fc.oneof(
    { weight: 4, arbitrary: known(type.element, secret) },
    { weight: 1, arbitrary: fc.constant(UNKNOWN) },
  );
  return type.kind === "map"
    ? mapOf(element)
    : fc.uniqueArray(element, { maxLength: 3, comparator: "IsStrictlyEqual" });
}

function nestedValue(
  { nesting, attributes }: Extract<AttributeType, { kind: "nested" }>,
  shape: Shape,
  secret: boolean,
): Arbitrary<unknown> {
  const object = objectOf(attributes, shape, secret);
  if (nesting === "single") return object;
  return nesting === "list" ? fc.array(object, { maxLength: 2 }) : mapOf(object);
}

function objectOf(attributes: Attributes, shape: Shape, secret: boolean): Arbitrary<Fields> {
  return fc.record(
    Object.fromEntries(Object.entries(attributes).map(([name, one]) => [name, value(one, shape, secret)])),
  );
}

/** What a user may have written, and the engine sends before all of it is known. */
export function configurations(attributes: Attributes, unknowns = true): Arbitrary<Fields> {
  return objectOf(attributes, { unknowns, computed: false }, false);
}

/** What may be in a state: all known, nothing write-only. */
export function states(attributes: Attributes): Arbitrary<Fields> {
  return objectOf(attributes, { unknowns: false, computed: true }, false);
}

/** What a faulty provider might plan or return: well-formed, but with no regard for plan or configuration. */
export function anything(attributes: Attributes): Arbitrary<Fields> {
  return objectOf(
    Object.fromEntries(
      Object.entries(attributes).map(([name, one]) => [name, { ...one, required: false, writeOnly: false }]),
    ),
    { unknowns: true, computed: true },
    false,
  );
}

/** `base` with some of its attributes taken from `other`. */
export function mixture(base: Fields, other: Fields, taken: readonly boolean[]): Fields {
  return Object.fromEntries(
    Object.entries(base).map(([name, value], index) => [name, taken[index] ? (other[name] ?? null) : value]),
  );
}
