/** How many characters and bytes a value holds, whatever it is made of. */
export function textSize(value: unknown, seen: Set<unknown> = new Set()): number {
  if (typeof value === "string") return value.length;
  if (value instanceof Uint8Array) return value.length;
  if (typeof value !== "object" || value === null || seen.has(value)) return 1;
  seen.add(value);
  const parts =
    value instanceof Map
      ? [...value].flat()
      : value instanceof Set
        ? [...value]
        : value instanceof Error
          ? [value.message]
          : Object.values(value);
  let size = 1;
  for (const part of parts) size += textSize(part, seen);
  return size;
}
