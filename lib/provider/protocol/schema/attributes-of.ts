import type { Attribute } from "./schema";

/**
 * The attributes of a block that an interface declares: one for each member, required if the member is, and of
 * its type. With `satisfies`, a member that is forgotten and an attribute that is no member do not compile.
 * Nested attributes need a `satisfies` of their own for the latter.
 */
export type AttributesOf<T> = {
  readonly [K in keyof Required<T>]: Attribute<Received<Exclude<T[K], undefined>>> &
    (undefined extends T[K] ? { readonly optional: true } : { readonly required: true });
};

/** A block as Terraform hands it over: every member is there, at any depth; null is one that is left out. */
export type Received<T> = T extends readonly (infer E)[]
  ? readonly Received<E>[]
  : T extends object
    ? {
        readonly [K in keyof Required<T>]: undefined extends T[K]
          ? Received<Exclude<T[K], undefined>> | null
          : Received<T[K]>;
      }
    : T;
