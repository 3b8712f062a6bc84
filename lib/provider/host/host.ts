import { setTimeout as delay } from "node:timers/promises";
import { log } from "../../shared/log";
import { sentence } from "../../shared/transport/sentence";
import { SessionLost } from "../../shared/transport/session";
import { inSeconds, TIMEOUTS, type Timeouts } from "../../shared/transport/timeouts";
import type { Transport } from "../../shared/transport/transport";
import { HostUnreachable } from "../../shared/transport/unreachable";
import { HOST } from "../messages/hosts";
import { MovingNames, moveNotDone, pendingMove } from "./apply/moving-names";
import { Transaction } from "./apply/transaction";
import type { Memory } from "./apply/transaction-context";
import { Batches } from "./batches";
import { heldBack } from "./canary";
import type { Change, ChangeResult, Problem } from "./desired/change";
import type { HostSettings } from "./desired/host-settings";
import { HostChecks } from "./host-checks";
import { Jobs } from "./host-jobs";
import { HostLock } from "./host-lock";
import { HostRenewers } from "./host-renewers";
import { HostUnusable } from "./host-unusable";
import { type Observation, Observer, type Question } from "./observer";
import { type LogReader, PrivateLog } from "./private-log";
import { PublicFiles } from "./public-files";
import { LedgerUnusable } from "./record/ledger-file";
import { endedStates } from "./record/states";
import { type Asked, askServed } from "./served/asking";
import { InstalledCertificates } from "./served/installed-certificates";
import { servedQuestions } from "./served/questions";

/**
 * A fifth of the last batch's duration: each batch then has nearly everything that an engine works on at
 * once, which halves the number of batches and reloads.
 */
const WINDOW_SHARE = 0.2;

/** One host: its changes and observations, each in batches. */
export class Host {
  readonly publicFiles: PublicFiles;
  readonly jobs: Jobs;
  readonly renewers: HostRenewers;
  readonly installed = new InstalledCertificates();
  readonly #changes = new Batches((changes: readonly Change[]) => this.#change(changes), WINDOW_SHARE);
  readonly #observations = new Batches((questions: readonly Question[]) => this.#observe(questions));
  readonly #memory: Memory = {
    removed: new Set(),
    said: new Set(),
    begun: new Set(),
    movingNames: new MovingNames(),
  };
  readonly #logs: PrivateLog[] = [];
  readonly #checks: HostChecks;
  readonly #lock: HostLock;
  readonly #observer: Observer;
  /** The last observation that failed. */
  #unobserved: { readonly error: HostUnusable; readonly until: number } | undefined;

  /** @param isEngineGone once it is, changes that have not begun are left out */
  constructor(
    readonly settings: HostSettings,
    private readonly transport: Transport,
    readonly timeouts: Timeouts = TIMEOUTS,
    isEngineGone?: () => boolean,
  ) {
    this.publicFiles = new PublicFiles(settings, transport, timeouts);
    this.#checks = new HostChecks(settings, (topic) => this.isNews(topic));
    this.#lock = new HostLock(settings, transport, timeouts, this.#checks, isEngineGone);
    this.#observer = new Observer(settings, transport, timeouts, this.#checks);
    this.jobs = new Jobs(settings, transport, timeouts, this.#checks);
    this.renewers = new HostRenewers(settings, transport, timeouts, this.#checks);
  }

  /**
   * Applies a change. It never throws because of the host: the result contains the errors. If another resource still has
   * one of its names, waits for that resource's change for a while.
   */
  async change(change: Change): Promise<ChangeResult> {
    const result = heldBack(await this.#changes.add(change), change, this.settings);
    await this.#handover(change.token);
    const [first, ...others] = this.#memory.movingNames.ofResource(change.token);
    if (first === undefined) return result;
    const pending = [result.pending, pendingMove(first)].filter((text) => text !== null).join("; ");
    return { ...result, pending, warnings: [...result.warnings, moveNotDone([first, ...others])] };
  }

  /** Waits until the names of a resource have arrived, or no change has come for a while. */
  async #handover(token: string): Promise<void> {
    const { movingNames } = this.#memory;
    for (let before = -1; before !== this.#changes.handled && movingNames.ofResource(token).length > 0; ) {
      before = this.#changes.handled;
      const quiet = this.#changes.settled().then(() => delay(this.timeouts.handoverMs));
      await Promise.race([movingNames.changed(), quiet]);
    }
  }

  /** @throws {HostUnusable} @throws {HostUnreachable} */
  observe(question: Question): Promise<Observation> {
    return this.#observations.add(question);
  }

  /**
   * Asks the services for the names of the installed certificates, one handshake for each name at each endpoint.
   *
   * @throws {HostUnreachable} @throws {SessionLost}
   */
  async askServed(signal: AbortSignal): Promise<Asked> {
    const questions = servedQuestions(this.installed.settled, this.settings.services);
    if (questions.length > 0) await this.transport.connect();
    return askServed(questions, (endpoint) => this.transport.target(endpoint), signal);
  }

  /** Whether a topic is reported for the first time: a warning that is not about one resource is shown once. */
  isNews(topic: string): boolean {
    const isNew = !this.#memory.said.has(topic);
    this.#memory.said.add(topic);
    return isNew;
  }

  /**
   * Records on the host that the states of this run exist. To be called when all changes have been made and
   * the engine is about to save the state. If that fails, the next observation of the host does it.
   *
   * @param place where this run is, as `thisPlace` names it
   */
  async noteEndedStates(place: string): Promise<void> {
    await this.#changes.settled();
    if (this.#memory.begun.size === 0) return;
    try {
      const session = await this.#lock.takeIfFree();
      if (session === null) return;
      try {
        const { ledgerFile } = this.#lock;
        ledgerFile.note(endedStates(this.#memory.begun, place, ledgerFile.ledger));
        await ledgerFile.flushLazily(session);
      } finally {
        await this.#lock.release();
      }
    } catch (error) {
      const { detail } = this.#unusable(error);
      log("debug", "The end of the run could not be recorded on a host", {
        host: this.settings.name,
        detail,
      });
    }
  }

  /**
   * A log of its own in the host's state directory.
   *
   * @param name of its directory
   * @param reader told what it says
   */
  privateLog(name: string, reader: LogReader): PrivateLog {
    const log = new PrivateLog(this.settings, this.transport, this.timeouts, name, reader);
    this.#logs.push(log);
    return log;
  }

  /** Waits for running work and ends the shells. */
  async close(): Promise<void> {
    await this.#changes.settled();
    await this.#observations.settled();
    await this.#lock.close();
    await this.#observer.close();
    await this.publicFiles.close();
    await this.jobs.close();
    await this.renewers.close();
    await Promise.all(this.#logs.map((log) => log.close()));
  }

  async #change(changes: readonly Change[]): Promise<readonly ChangeResult[]> {
    try {
      const context = {
        session: await this.#lock.take(),
        host: this.settings,
        transport: this.transport,
        timeouts: this.timeouts,
        ledgerFile: this.#lock.ledgerFile,
        memory: this.#memory,
      };
      try {
        const [first, ...others] = await new Transaction(context, changes).run();
        if (first === undefined) return [];
        const warnings = [...this.#checks.takeWarnings(), ...first.warnings, ...this.#warningsOfWaiting()];
        return [{ ...first, warnings }, ...others];
      } finally {
        this.#observer.forget();
        this.#unobserved = undefined;
        await this.#lock.release();
      }
    } catch (error) {
      const problem = this.#unusable(error);
      return changes.map(() => ({ errors: [problem], warnings: [], pending: null, facts: new Map() }));
    }
  }

  /** Reports a wait for another run afterwards: an engine shows nothing meanwhile. */
  #warningsOfWaiting(): Problem[] {
    const waitedMs = this.#lock.takeWaitedMs();
    if (waitedMs === 0) return [];
    return [
      {
        summary: HOST.waitedForOtherRun(this.settings.name),
        detail: `This one has waited for it for ${inSeconds(waitedMs)} s. No action is needed.`,
      },
    ];
  }

  /** Warnings about the host, each once. */
  takeWarnings(): Problem[] {
    return this.#checks.takeWarnings();
  }

  /**
   * An observation that fails is not repeated for as long as it took: a host that does not answer would otherwise hold up an
   * engine for each batch of its resources.
   */
  async #observe(questions: readonly Question[]): Promise<readonly Observation[]> {
    const start = performance.now();
    if (this.#unobserved && start < this.#unobserved.until) throw this.#unobserved.error;
    try {
      return await this.#observer.observe(questions);
    } catch (error) {
      if (error instanceof HostUnreachable) throw error;
      const unusable = this.unusable(error);
      const end = performance.now();
      this.#unobserved = { error: unusable, until: end + (end - start) };
      throw unusable;
    }
  }

  /** What an error about the host is to a resource that observes it. @throws the error if it is not about the host */
  unusable(error: unknown): HostUnusable {
    return new HostUnusable(this.#unusable(error).detail);
  }

  #unusable(error: unknown): Problem {
    if (error instanceof HostUnreachable) return unreachable(this.settings.name, error);
    const known =
      error instanceof HostUnusable || error instanceof SessionLost || error instanceof LedgerUnusable;
    if (!known) throw error;
    return { summary: HOST.unusable(this.settings.name), detail: sentence(error.message) };
  }
}

/** The error about a host that cannot be reached. */
export function unreachable(name: string, { message }: HostUnreachable): Problem {
  return { summary: HOST.unreachable(name), detail: sentence(message) };
}
