/** The maximum size of an argument list, in bytes: far below the limit of a kernel (2 MiB). */
const MOST_BYTES = 100_000;

/** Splits names into as few lists, in their order, as fit the arguments of one process each. */
export function argumentLists(names: readonly string[]): string[][] {
  const lists: string[][] = [];
  let list: string[] = [];
  let room = 0;
  for (const name of names) {
    room -= Buffer.byteLength(name) + 1;
    if (room < 0) {
      list = [];
      lists.push(list);
      room = MOST_BYTES;
    }
    list.push(name);
  }
  return lists;
}
