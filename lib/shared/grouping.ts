/** Groups items by a key. Groups and items keep their order. */
export function groupBy<T, K>(items: Iterable<T>, key: (item: T) => K): Map<K, [T, ...T[]]> {
  const groups = new Map<K, [T, ...T[]]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

/**
 * Pairs the items of two lists by position.
 *
 * @throws {RangeError} if the lists differ in length
 */
export function zip<A, B>(left: readonly A[], right: readonly B[]): [A, B][] {
  if (left.length !== right.length)
    throw new RangeError(`${left.length} items cannot be paired with ${right.length}`);
  const others = right.values();
  return left.flatMap((item) => {
    const other = others.next();
    return other.done ? [] : [[item, other.value] as [A, B]];
  });
}
