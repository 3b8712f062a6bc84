/** An argument list has to stay far below what a kernel takes (2 MiB). */
const MOST_BYTES = 100_000;

/** The names in as many lists as it takes for each to be the arguments of one process, in their order. */
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
