/** A failure of several items together, if it is unknown which of them is at fault. */
export interface GroupFailure<T, P> {
  /** The items that may be at fault. */
  readonly suspects: readonly T[];
  readonly problem: P;
}

/**
 * Tries items together. If a group fails, its halves are tried one after the other, until the failing items
 * are alone.
 *
 * @param attempt leaves nothing behind if it fails
 * @param report called with items that fail and are not halved any more: a single item, several if there is
 *   no more time, or none if no item is at fault
 */
export async function tryHalves<T, P>(
  items: readonly T[],
  attempt: (group: readonly T[]) => Promise<GroupFailure<T, P> | undefined>,
  { hasTime, report }: { hasTime: () => boolean; report: (failure: GroupFailure<T, P>) => void },
): Promise<void> {
  const waiting = [items];
  for (let group = waiting.shift(); group; group = waiting.shift()) {
    const failure = await attempt(group);
    if (!failure) continue;
    const { suspects } = failure;
    if (suspects.length > 1 && hasTime()) {
      const middle = Math.ceil(suspects.length / 2);
      waiting.unshift(suspects.slice(0, middle), suspects.slice(middle));
    } else {
      report(failure);
    }
  }
}
