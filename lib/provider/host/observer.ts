import { log } from "../../shared/log";
import { onHost } from "../../shared/transport/connection-settings";
import { KeptSession } from "../../shared/transport/kept-session";
import type { Answer, Session } from "../../shared/transport/session";
import { inSeconds, type Timeouts } from "../../shared/transport/timeouts";
import type { Transport } from "../../shared/transport/transport";
import type { Problem } from "./desired/change";
import type { HostSettings } from "./desired/host-settings";
import type { HostChecks } from "./host-checks";
import { HostUnusable } from "./host-unusable";
import { type Facts, lookAt } from "./record/facts";
import type { Ledger } from "./record/ledger";
import { LedgerFile, LedgerUnusable } from "./record/ledger-file";
import { savedStates } from "./record/states";
import { Enquiry, type Served, type Statements } from "./services/enquiry";
import { pathsOfSameStacks, Survey } from "./survey";

/** A query about a host. */
export interface Question {
  readonly paths: readonly string[];
  /** Text files and their expected hashes. The text of a file with another hash is returned. */
  readonly texts: ReadonlyMap<string, string>;
  /** Certificates to check with the services; if undefined, no service is queried. */
  readonly served?: readonly Served[];
  /** The identity of the saved state that the resource is in. */
  readonly savedState?: string | null;
}

export interface Observation {
  readonly facts: Facts;
  readonly ledger: Ledger;
  /** By path: the contents of text files that differ from the expected ones. */
  readonly texts: ReadonlyMap<string, string>;
  /** What services report, if they were asked. */
  readonly statements?: Statements;
  /** Warnings about the host; each is given once. */
  readonly warnings: readonly Problem[];
}

/** Observes a host without its lock, while changes may be in progress. */
export class Observer {
  /** Separate from that of changes: without the lock, a line that is being written may be read in part. */
  readonly #ledgerFile: LedgerFile;
  readonly #shell: KeptSession;
  /** The last survey; undefined after a change. */
  #survey: Survey | undefined;
  #changesMade = 0;
  readonly #enquiry: Enquiry;
  /** States that this process has already tried to record as saved. */
  readonly #tried = new Set<string>();

  constructor(
    private readonly host: HostSettings,
    transport: Transport,
    private readonly timeouts: Timeouts,
    private readonly checks: HostChecks,
  ) {
    this.#ledgerFile = new LedgerFile(host);
    this.#enquiry = new Enquiry(host);
    this.#shell = new KeptSession(transport, { lifetimeMs: timeouts.readMs, reuseMs: timeouts.shellReuseMs });
  }

  /** Answers each of the questions. */
  async observe(questions: readonly Question[]): Promise<readonly Observation[]> {
    const asksServices = questions.some(({ served }) => served !== undefined);
    const survey = await this.#surveyOf(
      questions.flatMap(({ paths }) => paths),
      asksServices,
    );
    const { facts, ledger, statements } = survey;
    if (statements) {
      await this.#enquiry.decide(
        statements,
        questions.flatMap(({ served = [] }) => served),
        (path) => ledger.owner(path) !== undefined,
        (work) => this.#shell.begin(work),
      );
    }
    const texts = await this.#fetchTexts(questions, facts);
    await this.#noteSavedStates(questions, ledger);
    return questions.map(() => ({ facts, ledger, texts, statements, warnings: this.checks.takeWarnings() }));
  }

  /** Discards the last survey. To be called after a change. */
  forget(): void {
    this.#changesMade++;
    this.#survey = undefined;
  }

  async close(): Promise<void> {
    await this.#shell.close();
  }

  async #surveyOf(paths: readonly string[], asksServices: boolean): Promise<Survey> {
    const earlier = this.#survey;
    if (earlier && earlier.ageMs < this.timeouts.surveyMs) {
      const missing = earlier.missing(paths);
      if (missing.length > 0) {
        earlier.add(missing, await this.#shell.begin((session) => lookAt(session, this.host, missing)));
      }
      if (asksServices)
        earlier.statements ??= await this.#shell.begin((session) => this.#enquiry.about(session));
      return earlier;
    }
    const changesBefore = this.#changesMade;
    const survey = await this.#shell.begin((session) => this.#look(session, paths, asksServices));
    if (this.#changesMade === changesBefore) this.#survey = survey;
    return survey;
  }

  async #look(session: Session, paths: readonly string[], asksServices: boolean): Promise<Survey> {
    const ledger = await this.#readLedger(session);
    const all = pathsOfSameStacks(paths, ledger);
    // Started together, so that both share a trip.
    const [facts, statements] = await Promise.all([
      lookAt(session, this.host, all),
      asksServices ? this.#enquiry.about(session) : undefined,
    ]);
    const survey = new Survey(ledger, all, facts);
    survey.statements = statements;
    return survey;
  }

  /**
   * Reads the ledger. What is pending may be what another run is activating just now, such as a renewal that the host has started
   * itself: waits for its end, unless it takes long, and reads again.
   */
  async #readLedger(session: Session): Promise<Ledger> {
    await this.#readOnce(session);
    if (this.#ledgerFile.ledger.pendingActivations.length > 0) {
      const directory = onHost(this.host, this.host.stateDirectory);
      await session.call("await_unlocked", directory, String(inSeconds(this.timeouts.unlockedWaitMs)));
      await this.#readOnce(session);
    }
    return this.#ledgerFile.ledger;
  }

  async #readOnce(session: Session): Promise<void> {
    const answers = await session.round(this.checks.questions(this.#ledgerFile));
    this.checks.refuseUnfit(answers);
    this.checks.recognise(answers, this.#ledgerFile);
  }

  /**
   * Records on the host that the states in the questions are saved: an interrupted apply may not have done
   * so. Skipped if this user may not write on the host, or if another run holds the lock.
   */
  async #noteSavedStates(questions: readonly Question[], ledger: Ledger): Promise<void> {
    const ids = new Set(questions.flatMap(({ savedState }) => savedState ?? []));
    const news = savedStates(ids, ledger).filter(([, id]) => !this.#tried.has(id));
    if (news.length === 0) return;
    for (const [, id] of news) this.#tried.add(id);
    try {
      await this.#shell.begin((session) => this.#underLock(session, ids));
    } catch (error) {
      if (!(error instanceof LedgerUnusable || error instanceof HostUnusable)) throw error;
      log("debug", "That a state is saved could not be noted on a host", { reason: error.message });
    }
  }

  async #underLock(session: Session, ids: ReadonlySet<string>): Promise<void> {
    const directory = onHost(this.host, this.host.stateDirectory);
    const [lock, ...answers] = await session.round([
      ["lock", directory, "0"],
      ...this.checks.questions(this.#ledgerFile),
    ]);
    if (lock.status !== 0) return;
    try {
      this.checks.recognise(answers, this.#ledgerFile);
      this.#ledgerFile.note(savedStates(ids, this.#ledgerFile.ledger));
      await this.#ledgerFile.flushLazily(session);
    } finally {
      await session.call("unlock");
    }
  }

  /** The texts of files that differ from the expected ones. */
  async #fetchTexts(questions: readonly Question[], facts: Facts): Promise<ReadonlyMap<string, string>> {
    const wanted = questions
      .flatMap(({ texts }) => [...texts])
      .filter(([path, sha256]) => facts.get(path)?.kind === "file" && facts.get(path)?.sha256 !== sha256)
      .map(([path]) => path);
    if (wanted.length === 0) return new Map();
    const answers = await this.#shell.begin((session) =>
      session.roundFor(wanted, (path) => ["fetch", onHost(this.host, path)]),
    );
    return new Map(answers.map(([path, answer]) => [path, decode(answer)]));
  }
}

function decode({ status, output }: Answer): string {
  return status === 0 ? Buffer.from(output.trim(), "base64").toString("utf8") : "";
}
