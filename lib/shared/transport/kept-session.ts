import { type Session, SessionLost } from "./session";
import type { Transport } from "./transport";

/** A shell on a host that is kept from one use to the next while it is young enough. */
export class KeptSession {
  #session: Session | undefined;
  #opened = 0;

  constructor(
    private readonly transport: Transport,
    /** When a shell is ended, and how old it may be for another use. */
    private readonly timeouts: { readonly lifetimeMs: number; readonly reuseMs: number },
  ) {}

  /**
   * Begins a use.
   *
   * @param first what is done first. It is done again with a new shell, where the one that was kept has ended since
   * @throws {SessionLost} {HostUnreachable} and whatever `first` throws; no shell is kept then
   */
  async begin<T>(first: (session: Session) => Promise<T>): Promise<T> {
    if (this.#ageMs > this.timeouts.reuseMs) await this.close();
    const kept = this.#session !== undefined;
    try {
      return await first(await this.#open());
    } catch (error) {
      await this.close();
      if (!kept || !(error instanceof SessionLost)) throw error;
      return await this.begin(first);
    }
  }

  /** Ends a use. Where a shell has no last word any more, it is not kept. */
  async end(last: (session: Session) => Promise<unknown>): Promise<void> {
    if (this.#session === undefined) return;
    try {
      await last(this.#session);
    } catch (error) {
      if (!(error instanceof SessionLost)) throw error;
      await this.close();
    }
  }

  /** Lets the shell end, and with it a lock it holds. */
  async close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.close();
  }

  get #ageMs(): number {
    return performance.now() - this.#opened;
  }

  async #open(): Promise<Session> {
    if (this.#session === undefined) {
      this.#session = await this.transport.open(this.timeouts.lifetimeMs);
      this.#opened = performance.now();
    }
    return this.#session;
  }
}
