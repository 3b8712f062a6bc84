/** The middle one of some figures: neither a slow nor a lucky run moves it. */
export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1
    ? (sorted[Math.floor(middle)] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

export interface Comparison {
  readonly ours: number;
  readonly theirs: number;
  /** Of the ratios of all pairs, not of the two medians: a machine that slows down meanwhile slows down both of a pair. */
  readonly ratio: number;
}

/** Takes both figures in turn, so many times, and each time in the other order. */
export async function inPairs(
  times: number,
  ours: () => Promise<number>,
  theirs: () => Promise<number>,
): Promise<Comparison> {
  const pairs: [ours: number, theirs: number][] = [];
  for (let pair = 0; pair < times; pair++) {
    if (pair % 2 === 0) {
      const first = await ours();
      pairs.push([first, await theirs()]);
    } else {
      const first = await theirs();
      pairs.push([await ours(), first]);
    }
  }
  return {
    ours: median(pairs.map(([figure]) => figure)),
    theirs: median(pairs.map(([, figure]) => figure)),
    ratio: median(pairs.map(([one, other]) => one / other)),
  };
}

/** How many milliseconds it takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
