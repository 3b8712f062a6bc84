/**
 * A value that is known only after apply.
 *
 * A symbol, so that it is never mistaken for a string or written to JSON or a file.
 */
export const UNKNOWN: unique symbol = Symbol("known after apply");
export type Unknown = typeof UNKNOWN;

/** `T` in a plan, where any part may be unknown, at any depth. */
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

/** Whether `value` has no unknown part, at any depth. */
export function isWhollyKnown<T>(value: Plannable<T> | T): value is T {
  if (value === UNKNOWN) return false;
  if (Array.isArray(value)) return value.every((element) => isWhollyKnown(element));
  if (value !== null && typeof value === "object") return Object.values(value).every((v) => isWhollyKnown(v));
  return true;
}
