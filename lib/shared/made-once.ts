/** What `made` has for the key; what `make` returns where there is nothing yet. */
export function madeOnce<T>(made: Map<string, T>, key: string, make: () => T): T {
  const value = made.get(key) ?? make();
  made.set(key, value);
  return value;
}
