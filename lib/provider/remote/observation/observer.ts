import type { HostChecks } from "../access/host-checks";
import type { Problem } from "../change/change";
import type { Ledger } from "../ledger/ledger";
import { LedgerFile } from "../ledger/ledger-file";
import type { Patience } from "../patience";
import { type Facts, lookAt } from "../session/facts";
import { KeptSession } from "../session/kept-session";
import type { Answer, Session } from "../session/session";
import type { Transport } from "../session/transport";
import { type HostSettings, onHost } from "../settings";
import { pathsOfSameStacks, Survey } from "./survey";

/** What somebody wants to know of a host. */
export interface Question {
  readonly paths: readonly string[];
  /** Readable files and the hash each should have: where it has another one, its text is wanted. */
  readonly texts: ReadonlyMap<string, string>;
}

export interface Observation {
  readonly facts: Facts;
  readonly ledger: Ledger;
  /** By path: the contents of readable files that are not as they should be. */
  readonly texts: ReadonlyMap<string, string>;
  /** About the host, each of them once. */
  readonly warnings: readonly Problem[];
}

/** Looks at a host without its lock, beside whatever is changed there meanwhile. */
export class Observer {
  /** Of its own, since what is read without the lock may be half of what is being written. */
  readonly #ledgerFile: LedgerFile;
  readonly #shell: KeptSession;
  /** What was seen last, and nothing where anything has been changed since. */
  #survey: Survey | undefined;
  #changesMade = 0;

  constructor(
    private readonly host: HostSettings,
    transport: Transport,
    private readonly patience: Patience,
    private readonly checks: HostChecks,
  ) {
    this.#ledgerFile = new LedgerFile(host);
    this.#shell = new KeptSession(transport, { lifetime: patience.read, reuse: patience.reuse });
  }

  /** An observation for each of the questions. */
  async observe(questions: readonly Question[]): Promise<readonly Observation[]> {
    const { facts, ledger } = await this.#surveyOf(questions.flatMap(({ paths }) => paths));
    const texts = await this.#fetchTexts(questions, facts);
    return questions.map(() => ({ facts, ledger, texts, warnings: this.checks.takeWarnings() }));
  }

  /** To be called when something has been changed: what was seen may be so no longer. */
  forget(): void {
    this.#changesMade++;
    this.#survey = undefined;
  }

  async close(): Promise<void> {
    await this.#shell.close();
  }

  async #surveyOf(paths: readonly string[]): Promise<Survey> {
    const earlier = this.#survey;
    if (earlier && earlier.age < this.patience.survey) {
      const missing = earlier.missing(paths);
      if (missing.length > 0) {
        earlier.add(missing, await this.#shell.begin((session) => lookAt(session, this.host, missing)));
      }
      return earlier;
    }
    const changesBefore = this.#changesMade;
    const survey = await this.#shell.begin((session) => this.#look(session, paths));
    if (this.#changesMade === changesBefore) this.#survey = survey;
    return survey;
  }

  async #look(session: Session, paths: readonly string[]): Promise<Survey> {
    const answers = await session.round(this.checks.questions(this.#ledgerFile));
    this.checks.refuseUnfit(answers);
    this.checks.recognise(answers, this.#ledgerFile);
    const { ledger } = this.#ledgerFile;
    const all = pathsOfSameStacks(paths, ledger);
    return new Survey(ledger, all, await lookAt(session, this.host, all));
  }

  /** Of files that are not as they should be. */
  async #fetchTexts(questions: readonly Question[], facts: Facts): Promise<ReadonlyMap<string, string>> {
    const wanted = questions
      .flatMap(({ texts }) => [...texts])
      .filter(([path, sha256]) => facts.get(path)?.kind === "file" && facts.get(path)?.sha256 !== sha256)
      .map(([path]) => path);
    if (wanted.length === 0) return new Map();
    const calls = wanted.map((path) => ["fetch", onHost(this.host, path)] as const);
    const answers = await this.#shell.begin((session) => session.round(calls));
    return new Map(wanted.map((path, index) => [path, decode(answers[index])]));
  }
}

function decode({ status, output }: Answer): string {
  return status === 0 ? Buffer.from(output.trim(), "base64").toString("utf8") : "";
}
