import { complaint } from "../../shared/transport/complaint";
import { onHost } from "../../shared/transport/connection-settings";
import { KeptSession } from "../../shared/transport/kept-session";
import type { Session } from "../../shared/transport/session";
import { inSeconds, type Timeouts } from "../../shared/transport/timeouts";
import type { Transport } from "../../shared/transport/transport";
import type { HostSettings } from "./desired/host-settings";
import type { HostChecks } from "./host-checks";
import { HostUnusable } from "./host-unusable";
import { LedgerFile } from "./record/ledger-file";

/** The lock of a host during changes. A shell on the host holds it, and its end releases it. */
export class HostLock {
  /** Up to date while the lock is held. */
  readonly ledgerFile: LedgerFile;
  readonly #shell: KeptSession;
  #waitedMs = 0;

  constructor(
    private readonly host: HostSettings,
    transport: Transport,
    private readonly timeouts: Timeouts,
    private readonly checks: HostChecks,
    private readonly isEngineGone = () => false,
  ) {
    this.ledgerFile = new LedgerFile(host);
    this.#shell = new KeptSession(transport, {
      lifetimeMs: timeouts.lockHoldMs,
      reuseMs: timeouts.shellReuseMs,
    });
  }

  /**
   * @throws {HostUnusable} also if another run holds the lock for too long, and if the engine is gone: the next run may have had the
   *   lock meanwhile, and what this one wanted to write may be older than what is there
   */
  async take(): Promise<Session> {
    const { lockWaitMs, lockAttemptMs } = this.timeouts;
    for (let waitedMs = 0; ; waitedMs += lockAttemptMs) {
      this.#refuseAbandoned();
      const session = await this.#attempt(lockAttemptMs);
      if (session) return await this.#unlessAbandoned(session);
      this.#waitedMs += lockAttemptMs;
      if (waitedMs >= lockWaitMs) {
        throw new HostUnusable(
          `Another run has held the lock for more than ${inSeconds(lockWaitMs)} s. Wait until it ends, or end it: its shell on the host ` +
            `holds ${this.#directory}/lock (\`fuser -v\` shows it)`,
        );
      }
    }
  }

  /** Null if another run holds it. @throws {HostUnusable} */
  takeIfFree(): Promise<Session | null> {
    return this.#attempt(0);
  }

  async release(): Promise<void> {
    await this.#shell.end((session) => session.call("unlock"));
  }

  async close(): Promise<void> {
    await this.#shell.close();
  }

  /** How long this run has waited for another one since the last call. */
  takeWaitedMs(): number {
    const waitedMs = this.#waitedMs;
    this.#waitedMs = 0;
    return waitedMs;
  }

  get #directory(): string {
    return onHost(this.host, this.host.stateDirectory);
  }

  async #unlessAbandoned(session: Session): Promise<Session> {
    if (this.isEngineGone()) await this.release();
    this.#refuseAbandoned();
    return session;
  }

  #refuseAbandoned(): void {
    if (this.isEngineGone()) throw new HostUnusable("The engine is gone. Nothing was changed: apply again");
  }

  /** Null if another run still holds it after `waitMs`. */
  #attempt(waitMs: number): Promise<Session | null> {
    return this.#shell.begin((session) => this.#try(session, waitMs));
  }

  async #try(session: Session, waitMs: number): Promise<Session | null> {
    const directory = this.#directory;
    const [lock, ...answers] = await session.round([
      ["lock", directory, String(inSeconds(waitMs))],
      ...this.checks.questions(this.ledgerFile),
    ]);
    this.checks.refuseUnfit(answers);
    if (lock.status !== 0 && lock.output.trim() !== "") {
      throw new HostUnusable(`${directory} cannot be used: ${complaint(lock.output)}`);
    }
    if (lock.status !== 0) return null;
    this.#noteKeys(this.checks.recognise(answers, this.ledgerFile));
    return session;
  }

  /**
   * Adds all SSH host keys to the ledger, so that the machine is still recognised when they are replaced one
   * by one.
   */
  #noteKeys(keys: readonly string[]): void {
    const { hostKeys } = this.ledgerFile.ledger;
    const news = keys.filter((key) => !hostKeys.has(key));
    this.ledgerFile.note(news.map((key) => ["host", key] as const));
  }
}
