import { zip } from "../../shared/grouping";

/** Long enough for calls that an engine makes at once to arrive, too short to be noticed. */
const COMPANY_MILLISECONDS = 5;
const MOST_COMPANY_MILLISECONDS = 400;

/**
 * Handles together what arrives together: while one batch is handled the next one gathers, so that the busier it is,
 * the larger the batches are. Batches never overlap.
 */
export class Batches<T, R> {
  #waiting: { item: T; resolve: (result: R) => void; reject: (error: unknown) => void }[] = [];
  #running: Promise<void> | undefined;
  /** What the last batch took. */
  #lastMilliseconds = 0;
  /** The most that were there at the end of a batch. An engine works on so many at once, and sends no more before one is done. */
  #most = 0;
  /** Ends the wait for company. */
  #leave: (() => void) | undefined;

  /**
   * @param handle returns one result for each item, in order; what it throws is the result of all
   * @param patience the share of what the last batch took that it is worth to wait for more to arrive. An engine writes its
   *   whole state for each result before it sends what is next
   */
  constructor(
    private readonly handle: (items: readonly T[]) => Promise<readonly R[]>,
    private readonly patience = 0,
  ) {}

  add(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#isComplete) this.#leave?.();
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#company();
      const batch = this.#waiting.splice(0);
      const start = performance.now();
      try {
        const results = await this.handle(batch.map(({ item }) => item));
        for (const [{ resolve }, result] of zip(batch, results)) resolve(result);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      this.#lastMilliseconds = performance.now() - start;
      this.#most = Math.max(this.#most, batch.length + this.#waiting.length);
    }
    this.#running = undefined;
  }

  /** Nobody else is to be expected. One alone says nothing: what everything else depends on comes alone. */
  get #isComplete(): boolean {
    return this.#most > 1 && this.#waiting.length >= this.#most;
  }

  /** Waits until nothing more arrives. */
  async #company(): Promise<void> {
    const worth = Math.min(this.#lastMilliseconds * this.patience, MOST_COMPANY_MILLISECONDS);
    const silence = Math.max(worth, COMPANY_MILLISECONDS);
    for (let before = 0; before < this.#waiting.length && !this.#isComplete; ) {
      before = this.#waiting.length;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, silence);
        this.#leave = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}
