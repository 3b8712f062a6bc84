import type { SshSettings } from "../ssh-settings";
import { Master } from "./master";

/** How long it takes to log in to a host. */
export interface SshTimeouts {
  /** Until somebody is logged in, hosts on the way and the touch of a security key included; and then until a shell has begun. */
  readonly loginMs: number;
  /** After a failure nobody tries again for so long: hundreds of resources would each wait for the same. */
  readonly failureMs: number;
}

const SSH_TIMEOUTS: SshTimeouts = { loginMs: 45_000, failureMs: 60_000 };

/**
 * The one connection to a host, which all its shells and probes share: made when it is first needed, and once more when
 * it has broken off.
 */
export class SshConnection {
  #master: Promise<Master> | undefined;
  #failure: { readonly error: unknown; readonly until: number } | undefined;
  /** What is connected at present. */
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

  /** Has everybody who would use the connection fail at once, for a while. */
  giveUp(error: unknown): void {
    this.#failure = { error, until: performance.now() + this.timeouts.failureMs };
  }

  /** Ends the connection, and what goes through it. */
  async close(): Promise<void> {
    const master = await this.#master?.catch(() => undefined);
    await master?.close();
  }

  async #connect(): Promise<Master> {
    try {
      this.current = await Master.open(this.settings, this.timeouts.loginMs, () => this.#forget());
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
