/** How many characters and bytes a value holds, whatever it is made of, and however deep. */
export function textSize(value: unknown): number {
  const seen = new Set<unknown>();
  const left = [value];
  let size = 0;
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next === "string" || next instanceof Uint8Array) size += next.length;
    else size += 1;
    if (typeof next !== "object" || next === null || next instanceof Uint8Array || seen.has(next)) continue;
    seen.add(next);
    for (const part of partsOf(next)) left.push(part);
  }
  return size;
}

function partsOf(value: object): readonly unknown[] {
  if (value instanceof Map) return [...value].flat();
  if (value instanceof Set) return [...value];
  return value instanceof Error ? [value.message] : Object.values(value);
}
