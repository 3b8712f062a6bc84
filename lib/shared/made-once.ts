/** A `Map` or a `WeakMap`. */
interface Made<K, T> {
  get(key: K): T | undefined;
  set(key: K, value: T): unknown;
}

/** The entry of `made` for the key. If there is none, `make` creates it. */
export function madeOnce<K, T>(made: Made<K, T>, key: K, make: () => T): T {
  const value = made.get(key) ?? make();
  made.set(key, value);
  return value;
}
