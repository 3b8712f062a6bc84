/** Long enough for calls that an engine makes at once to arrive, too short to be noticed. */
const COMPANY_MILLISECONDS = 5;

/**
 * Handles together what arrives together: while one batch is handled the next one gathers, so that the busier it is,
 * the larger the batches are. Batches never overlap.
 */
export class Batches<T, R> {
  #waiting: { item: T; resolve: (result: R) => void; reject: (error: unknown) => void }[] = [];
  #running: Promise<void> | undefined;

  /** `handle` returns one result for each item, in order; what it throws is the result of all. */
  constructor(private readonly handle: (items: readonly T[]) => Promise<readonly R[]>) {}

  add(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
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
      try {
        const results = await this.handle(batch.map(({ item }) => item));
        batch.forEach(({ resolve }, index) => {
          resolve(results[index]);
        });
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#running = undefined;
  }

  /** Waits until nothing more arrives. */
  async #company(): Promise<void> {
    for (let before = 0; before < this.#waiting.length; ) {
      before = this.#waiting.length;
      await new Promise((resolve) => setTimeout(resolve, COMPANY_MILLISECONDS));
    }
  }
}
