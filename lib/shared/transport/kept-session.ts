import { Mutex } from "../mutex";
import { type Session, SessionLost } from "./session";
import type { Transport } from "./transport";

/** A shell on a host that is reused as long as it is young enough. What is asked of it at once is done one after the other. */
export class KeptSession {
  /** Without it, two uses that begin at once would open a shell each, and one would end that of the other. */
  readonly #mutex = new Mutex();
  #session: Session | undefined;
  #opened = 0;

  constructor(
    private readonly transport: Transport,
    /** When a shell is ended, and the maximum age for another use. */
    private readonly timeouts: { readonly lifetimeMs: number; readonly reuseMs: number },
  ) {}

  /**
   * Begins a use.
   *
   * @param first the first step; it is repeated with a new shell if the kept one has ended
   * @throws {SessionLost} {HostUnreachable} and whatever `first` throws; no shell is kept then
   */
  begin<T>(first: (session: Session) => Promise<T>): Promise<T> {
    return this.#mutex.run(() => this.#begun(first));
  }

  /** Ends a use. A shell that fails in `last` is not kept. */
  end(last: (session: Session) => Promise<unknown>): Promise<void> {
    return this.#mutex.run(async () => {
      if (this.#session === undefined) return;
      try {
        await last(this.#session);
      } catch (error) {
        if (!(error instanceof SessionLost)) throw error;
        await this.#discard();
      }
    });
  }

  /** Ends the shell, which releases a lock that it holds. */
  close(): Promise<void> {
    return this.#mutex.run(() => this.#discard());
  }

  get #ageMs(): number {
    return performance.now() - this.#opened;
  }

  async #begun<T>(first: (session: Session) => Promise<T>): Promise<T> {
    if (this.#ageMs > this.timeouts.reuseMs) await this.#discard();
    const kept = this.#session !== undefined;
    try {
      return await first(await this.#open());
    } catch (error) {
      await this.#discard();
      if (!kept || !(error instanceof SessionLost)) throw error;
      return await this.#begun(first);
    }
  }

  async #open(): Promise<Session> {
    if (this.#session === undefined) {
      this.#session = await this.transport.open(this.timeouts.lifetimeMs);
      this.#opened = performance.now();
    }
    return this.#session;
  }

  async #discard(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.close();
  }
}
