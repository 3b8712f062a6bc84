/**
 * Schemas as a resource writes them: a record of attributes, from which TypeScript infers the values.
 *
 * Only what protocol 6 calls attributes is offered (nested attributes included), no nested blocks: a CDKTF user
 * sees both alike, and attributes have the simpler rules.
 */
export interface AttributeOptions {
  /** Markdown; shown in the provider's documentation as it stands. */
  readonly description: string;
  /** Must be configured. @default false */
  readonly required?: boolean;
  /** May be configured. @default false */
  readonly optional?: boolean;
  /** The provider may set it where it is not configured. @default false */
  readonly computed?: boolean;
  /** Not printed in plans. @default false */
  readonly sensitive?: boolean;
  /** Never in plan or state; the value is in the configuration alone. Top level only. @default false */
  readonly writeOnly?: boolean;
}

export type PrimitiveType = "string" | "number" | "bool";

/** What an attribute holds, in the words of Terraform's type system. */
export type AttributeType = ValueType | NestedType;

export type ValueType =
  | { readonly kind: PrimitiveType }
  | { readonly kind: "list" | "set" | "map"; readonly element: ValueType };

/** Nested attributes, each of which has flags of its own. */
export interface NestedType {
  readonly kind: "nested";
  readonly nesting: "single" | "list" | "map";
  readonly attributes: Attributes;
}

/** One attribute. `T` is the type of its value when known and not null. */
export interface Attribute<T> extends AttributeOptions {
  readonly type: AttributeType;
  /** Carries `T` for inference; never set. */
  readonly value?: T;
}

// biome-ignore lint/suspicious/noExplicitAny: each attribute has its own value type
export type Attributes = Readonly<Record<string, Attribute<any>>>;

/** The values of `A`: every attribute is present, null where it is not set. */
export type ValuesOf<A extends Attributes> = {
  -readonly [K in keyof A]: A[K] extends Attribute<infer T>
    ? A[K] extends { readonly required: true }
      ? T
      : T | null
    : never;
};

export interface Schema<A extends Attributes = Attributes> {
  /** Raised whenever a stored state needs `upgrade` to be read. */
  readonly version: number;
  readonly description: string;
  readonly attributes: A;
}

type Primitive<K extends PrimitiveType> = K extends "string" ? string : K extends "number" ? number : boolean;

function primitive<K extends PrimitiveType>(kind: K) {
  return <const O extends AttributeOptions>(options: O): O & Attribute<Primitive<K>> => ({
    ...options,
    type: { kind },
  });
}

function collection<C extends "list" | "set">(kind: C) {
  return <E extends PrimitiveType, const O extends AttributeOptions>(
    element: E,
    options: O,
  ): O & Attribute<Primitive<E>[]> => ({ ...options, type: { kind, element: { kind: element } } });
}

/**
 * The attributes of a schema, by the type of their values.
 *
 * Values are what their types say: a configuration in which a list, set or map has null as an element, or a number that
 * JavaScript would round, is refused before a resource sees it.
 */
export const attribute = {
  string: primitive("string"),
  number: primitive("number"),
  bool: primitive("bool"),
  list: collection("list"),
  set: collection("set"),
  map: <E extends PrimitiveType, const O extends AttributeOptions>(
    element: E,
    options: O,
  ): O & Attribute<Record<string, Primitive<E>>> => ({
    ...options,
    type: { kind: "map", element: { kind: element } },
  }),
  object: <A extends Attributes, const O extends AttributeOptions>(
    attributes: A,
    options: O,
  ): O & Attribute<ValuesOf<A>> => ({
    ...options,
    type: { kind: "nested", nesting: "single", attributes },
  }),
  objects: <A extends Attributes, const O extends AttributeOptions>(
    attributes: A,
    options: O,
  ): O & Attribute<ValuesOf<A>[]> => ({ ...options, type: { kind: "nested", nesting: "list", attributes } }),
  objectMap: <A extends Attributes, const O extends AttributeOptions>(
    attributes: A,
    options: O,
  ): O & Attribute<Record<string, ValuesOf<A>>> => ({
    ...options,
    type: { kind: "nested", nesting: "map", attributes },
  }),
};
