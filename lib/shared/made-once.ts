/** The entry of `made` for the key. If there is none, `make` creates it. */
export function madeOnce<T>(made: Map<string, T>, key: string, make: () => T): T {
  const value = made.get(key) ?? make();
  made.set(key, value);
  return value;
}
