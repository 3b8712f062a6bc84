import type { SshSettings } from "../ssh-settings";
import { Master } from "./master";

/** How long things take, in seconds. */
export interface SshPatience {
  /** Until somebody is logged in, hosts on the way and the touch of a security key included; and then until a shell has begun. */
  readonly login: number;
  /** After a failure nobody tries again for so long: hundreds of resources would each wait for the same. */
  readonly failure: number;
}

const SSH_PATIENCE: SshPatience = { login: 45, failure: 60 };

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
    readonly patience: SshPatience = SSH_PATIENCE,
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
    this.#failure = { error, until: performance.now() + this.patience.failure * 1000 };
  }

  /** Ends the connection, and what goes through it. */
  async close(): Promise<void> {
    const master = await this.#master?.catch(() => undefined);
    await master?.close();
  }

  async #connect(): Promise<Master> {
    try {
      this.current = await Master.open(this.settings, this.patience.login, () => this.#forget());
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
