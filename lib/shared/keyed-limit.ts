/** A limit for each key: of the work that has a key, no more than so much runs at once. The rest waits, in the order in which it came. */
export class KeyedLimit {
  readonly #running = new Map<string, number>();
  readonly #waiting = new Map<string, (() => void)[]>();

  /** @param most at once with the same key */
  constructor(private readonly most: number) {}

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    await this.#begin(key);
    try {
      return await work();
    } finally {
      this.#end(key);
    }
  }

  async #begin(key: string): Promise<void> {
    const running = this.#running.get(key) ?? 0;
    if (running < this.most) {
      this.#running.set(key, running + 1);
      return;
    }
    const waiting = this.#waiting.get(key) ?? [];
    this.#waiting.set(key, waiting);
    await new Promise<void>((begin) => waiting.push(begin));
  }

  /** The next in the queue takes over the place, so that no later one gets it first. */
  #end(key: string): void {
    const next = this.#waiting.get(key)?.shift();
    if (next === undefined) this.#leave(key);
    else next();
  }

  #leave(key: string): void {
    this.#waiting.delete(key);
    const running = (this.#running.get(key) ?? 1) - 1;
    if (running === 0) this.#running.delete(key);
    else this.#running.set(key, running);
  }
}
