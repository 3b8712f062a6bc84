/** The entry of `made` for the key. If there is none, `make` creates it. */
export function madeOnce<K, T>(made: Map<K, T>, key: K, make: () => T): T {
  const value = made.get(key) ?? make();
  made.set(key, value);
  return value;
}
