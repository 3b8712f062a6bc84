import type { Terminal } from "./terminal";

const LEAST_MS = 100;
const TICK_MS = 1000;

/** A progress line on a terminal, which each update replaces. Elsewhere it does nothing. */
export class Progress {
  #isShown = false;
  #last = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly terminal: Terminal,
    private readonly write: (text: string) => void,
  ) {}

  /** Shows a text of one line, unless another one was shown just now. */
  show(text: string): void {
    const now = performance.now();
    if (now - this.#last < LEAST_MS) return;
    this.#last = now;
    this.#replace(text);
  }

  /** Shows a text of one line, and the time that it takes, until some work has ended. */
  async during<T>(text: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const show = () => this.#replace(`${text}: ${Math.floor((performance.now() - start) / 1000)} s`);
    show();
    const timer = setInterval(show, TICK_MS);
    try {
      return await work();
    } finally {
      clearInterval(timer);
      this.clear();
    }
  }

  clear(): void {
    if (this.#isShown) this.write("\r\u001b[K");
    this.#isShown = false;
  }

  #replace(text: string): void {
    if (!this.terminal.hasProgress) return;
    this.#isShown = true;
    this.write(`\r\u001b[K${text}`);
  }
}
