/** What has failed as a whole, without a sign of which of the items is at fault. */
export interface GroupFailure<T, P> {
  /** Those that may be at fault. */
  readonly suspects: readonly T[];
  readonly problem: P;
}

/**
 * Tries items together. Where a group fails, its halves are tried one after the other, until what fails is alone.
 *
 * @param attempt leaves nothing behind where it fails
 * @param report called with what fails and is not halved any more: a single item, several for which there is no more time, or
 *   none where no item is at fault
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
