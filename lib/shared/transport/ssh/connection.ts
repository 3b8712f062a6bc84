import type { SshSettings } from "../ssh-settings";
import { Master } from "./master";

/** Timeouts for logging in to a host, in milliseconds. */
export interface SshTimeouts {
  /**
   * The time until the login is complete, including jump hosts and the touch of a security key; and then
   * again until a shell has begun.
   */
  readonly loginMs: number;
  /**
   * The time after a failure during which no login is tried: otherwise hundreds of resources would wait for
   * the same.
   */
  readonly failureMs: number;
  /** The time for a shell on the host to end on request, when all calls are answered. */
  readonly closeMs: number;
}

export const SSH_TIMEOUTS: SshTimeouts = { loginMs: 45_000, failureMs: 60_000, closeMs: 10_000 };

/**
 * The one connection to a host that all its shells and probes share. It is opened on first use, and once more
 * when it has broken off.
 */
export class SshConnection {
  #master: Promise<Master> | undefined;
  #failure: { readonly error: unknown; readonly until: number } | undefined;
  /** The present connection, if there is one. */
  current: Master | undefined;

  constructor(
    readonly settings: SshSettings,
    readonly timeouts: SshTimeouts = SSH_TIMEOUTS,
  ) {}

  /** @throws {HostUnreachable} */
  async master(): Promise<Master> {
    if (this.#failure && performance.now() < this.#failure.until) throw this.#failure.error;
    this.#master ??= this.#connect();
    const master = await this.#master;
    if (await master.isUsable()) return master;
    await master.close();
    return this.master();
  }

  /** Makes all uses of the connection fail at once for `failureMs`. */
  giveUp(error: unknown): void {
    this.#failure = { error, until: performance.now() + this.timeouts.failureMs };
  }

  /** Closes the connection and everything that goes through it. */
  async close(): Promise<void> {
    const master = await this.#master?.catch(() => undefined);
    await master?.close();
  }

  async #connect(): Promise<Master> {
    try {
      this.current = await Master.open(this.settings, this.timeouts.loginMs, () => {
        // A login that fails is forgotten below, when it is known why: until then, all wait for that.
        if (this.current !== undefined) this.#forget();
      });
      return this.current;
    } catch (error) {
      this.giveUp(error);
      this.#forget();
      throw error;
    }
  }

  #forget(): void {
    this.#master = undefined;
    this.current = undefined;
  }
}
