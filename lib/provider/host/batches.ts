import { zip } from "../../shared/grouping";

/** Long enough to collect calls that an engine makes at once, and too short to be noticed. */
const COALESCE_MS = 5;
const LONGEST_COALESCE_MS = 400;

/**
 * Handles items in batches. While one batch is handled the next one gathers, so batches grow with the load.
 * Batches never overlap.
 */
export class Batches<T, R> {
  #waiting: { item: T; resolve: (result: R) => void; reject: (error: unknown) => void }[] = [];
  #running: Promise<void> | undefined;
  /** How long the last batch took. */
  #lastBatchMs = 0;
  /**
   * The most items that waited at the end of a batch. An engine works on that many at once, and sends another
   * only when one is done.
   */
  #most = 0;
  #handled = 0;
  /** Closes the batching window early. */
  #closeWindow: (() => void) | undefined;

  /**
   * @param handle returns one result for each item, in order; what it throws is the result of all
   * @param windowShare the batching window as a share of the duration of the last batch. An engine writes its
   *   whole state for each result before it sends the next item
   */
  constructor(
    private readonly handle: (items: readonly T[]) => Promise<readonly R[]>,
    private readonly windowShare = 0,
  ) {}

  add(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#isComplete) this.#closeWindow?.();
      this.#running ??= this.#run();
    });
  }

  /** The number of batches so far. */
  get handled(): number {
    return this.#handled;
  }

  /** Resolves when no batch is running. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#coalesce();
      const batch = this.#waiting.splice(0);
      this.#handled += 1;
      const start = performance.now();
      try {
        const results = await this.handle(batch.map(({ item }) => item));
        for (const [{ resolve }, result] of zip(batch, results)) resolve(result);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      this.#lastBatchMs = performance.now() - start;
      this.#most = Math.max(this.#most, batch.length + this.#waiting.length);
    }
    this.#running = undefined;
  }

  /**
   * Whether no further item is expected. A single item does not count: one that all others depend on comes
   * alone.
   */
  get #isComplete(): boolean {
    return this.#most > 1 && this.#waiting.length >= this.#most;
  }

  /** Waits until nothing more arrives within the batching window. */
  async #coalesce(): Promise<void> {
    const share = Math.min(this.#lastBatchMs * this.windowShare, LONGEST_COALESCE_MS);
    const windowMs = Math.max(share, COALESCE_MS);
    for (let before = 0; before < this.#waiting.length && !this.#isComplete; ) {
      before = this.#waiting.length;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, windowMs);
        this.#closeWindow = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}
