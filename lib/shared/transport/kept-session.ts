import { type Session, SessionLost } from "./session";
import type { Transport } from "./transport";

/** A shell on a host that is reused as long as it is young enough. */
export class KeptSession {
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

  /** Ends a use. A shell that fails in `last` is not kept. */
  async end(last: (session: Session) => Promise<unknown>): Promise<void> {
    if (this.#session === undefined) return;
    try {
      await last(this.#session);
    } catch (error) {
      if (!(error instanceof SessionLost)) throw error;
      await this.close();
    }
  }

  /** Ends the shell, which releases a lock that it holds. */
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
