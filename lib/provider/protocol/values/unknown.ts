/**
 * A value that Terraform will only know during apply.
 *
 * A symbol, so that it can never be mistaken for a string, end up in JSON, or be truthy-tested into a file.
 */
export const UNKNOWN: unique symbol = Symbol("known after apply");
export type Unknown = typeof UNKNOWN;

/** `T` as it looks in a plan: any part of it, at any depth, may be unknown. */
export type Plannable<T> =
  | Unknown
  | (T extends string | number | boolean | bigint | null
      ? T
      : T extends readonly (infer E)[]
        ? Plannable<E>[]
        : T extends object
          ? { [K in keyof T]: Plannable<T[K]> }
          : T);

export function isUnknown(value: unknown): value is Unknown {
  return value === UNKNOWN;
}

/** Whether `value` contains nothing unknown, at any depth. */
export function isWhollyKnown<T>(value: Plannable<T> | T): value is T {
  if (value === UNKNOWN) return false;
  if (Array.isArray(value)) return value.every((element) => isWhollyKnown(element));
  if (value !== null && typeof value === "object") return Object.values(value).every((v) => isWhollyKnown(v));
  return true;
}
