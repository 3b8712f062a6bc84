import type { Part } from "./work";

/**
 * Groups the parts of a service in the order in which their files have to arrive. A part that takes a path over comes before
 * the part that had it: until then the path leads to that one's certificate, and a new one need not cover the name. Parts that
 * take paths from each other arrive together.
 */
export function inArrivalOrder(parts: readonly Part[]): Part[][] {
  const groups: Part[][] = [];
  for (let left = [...parts]; left.length > 0; ) {
    const givers = new Set(left.flatMap(giversOf));
    const free = left.filter(({ work }) => !givers.has(work.change.token));
    const group = new Set(free.length > 0 ? free : left);
    groups.push([...group]);
    left = left.filter((part) => !group.has(part));
  }
  return groups;
}

/** The resources whose paths a part takes over. */
function giversOf({ work, steps }: Part): string[] {
  return steps.flatMap(({ path }) => work.previousOwners.get(path)?.token ?? []);
}
