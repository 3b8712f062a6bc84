/**
 * Schemas of resources: a record of attributes, from which TypeScript infers the types of values.
 *
 * Only attributes are supported (nested ones included), no nested blocks: in CDKTF both look the same, and
 * attributes have simpler rules.
 */
export interface AttributeOptions {
  /** Markdown, for the provider's documentation. */
  readonly description: string;
  /** Must be configured. @default false */
  readonly required?: boolean;
  /** May be configured. @default false */
  readonly optional?: boolean;
  /** The provider may set it if it is not configured. @default false */
  readonly computed?: boolean;
  /** Not printed in plans. @default false */
  readonly sensitive?: boolean;
  /** Never in a plan or state, only in the configuration. Top level only. @default false */
  readonly writeOnly?: boolean;
}

export type PrimitiveType = "string" | "number" | "bool";

/** The type of an attribute in Terraform's type system. */
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
  /** The only values that a string may have. @default any */
  readonly choices?: readonly string[];
  /** Never set: only carries `T` for type inference. */
  readonly value?: T;
}

// biome-ignore lint/suspicious/noExplicitAny: each attribute has its own value type
export type Attributes = Readonly<Record<string, Attribute<any>>>;

/** The values of `A`: every attribute is present, null if it is not set. */
export type ValuesOf<A extends Attributes> = {
  -readonly [K in keyof A]: A[K] extends Attribute<infer T>
    ? A[K] extends { readonly required: true }
      ? T
      : T | null
    : never;
};

export interface Schema<A extends Attributes = Attributes> {
  /** Increased when stored states need `upgrade`. */
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
 * Functions that declare attributes, by the type of their values.
 *
 * Values match their TypeScript types: a configuration with null as an element of a list, set or map, or with
 * a number that JavaScript would round, is refused before a resource receives it.
 */
export const attribute = {
  string: primitive("string"),
  number: primitive("number"),
  bool: primitive("bool"),
  /** One of some strings: a configuration with another one is refused before a resource receives it. */
  choice: <C extends string, const O extends AttributeOptions>(
    choices: readonly C[],
    options: O,
  ): O & Attribute<C> => ({ ...options, choices, type: { kind: "string" } }),
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
