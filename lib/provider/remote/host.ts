import { Batches } from "./batches";
import type { Change, ChangeResult, Problem } from "./change/change";
import { clockWarning } from "./clock";
import type { Ledger } from "./ledger/ledger";
import { LedgerFile, LedgerUnusable } from "./ledger/ledger-file";
import { PATIENCE, type Patience } from "./patience";
import { PublicFiles } from "./public-files";
import { sentence } from "./sentence";
import { type Facts, lookAt } from "./session/facts";
import { KeptSession } from "./session/kept-session";
import { type Answer, lastLines, type Session, SessionLost } from "./session/session";
import type { Transport } from "./session/transport";
import { type HostSettings, onHost } from "./settings";
import { pathsOfSameStacks, Survey } from "./survey";
import { Transaction } from "./transaction/transaction";
import type { Memory } from "./transaction/transaction-context";
import { HostUnreachable } from "./unreachable";

/** What `observe` is asked about. */
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

/** With a fifth of its time, a batch takes nearly all that an engine works on at once: half as many batches, and reloads. */
const BATCH_PATIENCE = 0.2;

/** The host cannot be used at all, for a reason that the user can mend. */
export class HostUnusable extends Error {
  override readonly name = "HostUnusable";
}

/** One host: changes to it and looks at it, each in batches. */
export class Host {
  readonly publicFiles: PublicFiles;
  readonly #changes = new Batches((changes: readonly Change[]) => this.#change(changes), BATCH_PATIENCE);
  readonly #observations = new Batches((questions: readonly Question[]) => this.#observe(questions));
  readonly #ledgerFile: LedgerFile;
  /** Of its own, since what is read without the lock may be half of what is being written. */
  readonly #observedLedgerFile: LedgerFile;
  readonly #memory: Memory = { removed: new Set(), said: new Set() };
  readonly #writer: KeptSession;
  readonly #reader: KeptSession;
  /** What was seen last, and nothing where anything has been changed since. */
  #survey: Survey | undefined;
  #changesMade = 0;
  /** About the host, to be said with whatever is done or seen next. */
  readonly #unsaid: Problem[] = [];
  /** For another run, in seconds, since that was said last. */
  #waited = 0;

  constructor(
    readonly settings: HostSettings,
    private readonly transport: Transport,
    private readonly patience: Patience = PATIENCE,
  ) {
    const { hold, reuse, read } = patience;
    this.#writer = new KeptSession(transport, { lifetime: hold, reuse });
    this.#reader = new KeptSession(transport, { lifetime: read, reuse });
    this.publicFiles = new PublicFiles(settings, transport, patience);
    this.#ledgerFile = new LedgerFile(settings);
    this.#observedLedgerFile = new LedgerFile(settings);
  }

  /** Never throws for a reason that lies on the host: that is in the result. */
  change(change: Change): Promise<ChangeResult> {
    return this.#changes.add(change);
  }

  /** @throws {HostUnusable} @throws {HostUnreachable} */
  observe(question: Question): Promise<Observation> {
    return this.#observations.add(question);
  }

  /** Whether a topic comes up for the first time: what concerns no resource in particular is said once. */
  isNews(topic: string): boolean {
    const isNew = !this.#memory.said.has(topic);
    this.#memory.said.add(topic);
    return isNew;
  }

  /** Waits for what is under way and lets the shells end. */
  async close(): Promise<void> {
    await this.#changes.settled();
    await this.#observations.settled();
    await this.#writer.close();
    await this.#reader.close();
    await this.publicFiles.close();
  }

  async #change(changes: readonly Change[]): Promise<readonly ChangeResult[]> {
    try {
      const session = await this.#locked();
      const { settings, patience } = this;
      const context = {
        session,
        host: settings,
        transport: this.transport,
        patience,
        ledgerFile: this.#ledgerFile,
        memory: this.#memory,
      };
      try {
        const [first, ...others] = this.#withWaiting(await new Transaction(context, changes).run());
        return [{ ...first, warnings: [...this.#unsaid.splice(0), ...first.warnings] }, ...others];
      } finally {
        this.#changesMade++;
        this.#survey = undefined;
        await this.#writer.end((session) => session.call("unlock"));
      }
    } catch (error) {
      const problem = this.#unusable(error);
      return changes.map(() => ({ errors: [problem], warnings: [], pending: null, facts: new Map() }));
    }
  }

  /** An engine shows nothing while it waits: that something was waited for is said at least in the end. */
  #withWaiting(results: readonly ChangeResult[]): readonly ChangeResult[] {
    if (this.#waited === 0) return results;
    const warning = {
      summary: `Another run was changing host "${this.settings.name}"`,
      detail: `This one has waited for it for ${this.#waited} s. Nothing is wrong with that.`,
    };
    this.#waited = 0;
    const [first, ...others] = results;
    return [{ ...first, warnings: [...first.warnings, warning] }, ...others];
  }

  /** A session that holds the host's lock, with the ledger as it is now. */
  async #locked(): Promise<Session> {
    const { wait, lock } = this.patience;
    for (let waited = 0; ; waited += lock) {
      const session = await this.#writer.begin((session) => this.#tryLock(session));
      if (session) return session;
      this.#waited += lock;
      if (waited >= wait) {
        throw new HostUnusable(
          `Another run has been changing it for more than ${wait} s. Wait until that one has ended, or end it: what holds ` +
            `${this.#directory}/lock there is its shell (\`fuser -v\`)`,
        );
      }
    }
  }

  get #directory(): string {
    return onHost(this.settings, this.settings.stateDirectory);
  }

  async #tryLock(session: Session): Promise<Session | null> {
    const directory = this.#directory;
    const [tools, lock, identity, ledger, clock] = await session.round([
      ["missing_tools"],
      ["lock", directory, String(this.patience.lock)],
      ["identity"],
      this.#ledgerFile.question(),
      ["clock"],
    ]);
    refuseMissing(tools);
    this.#compareClocks(clock);
    if (lock.status !== 0 && lock.output.trim() !== "") {
      throw new HostUnusable(`${directory} cannot be used: ${lastLines(lock.output)}`);
    }
    if (lock.status !== 0) return null;
    this.#ledgerFile.catchUp(ledger);
    this.#recogniseHost(identity);
    return session;
  }

  #compareClocks(answer: Answer): void {
    const warning = clockWarning(this.settings.name, answer, new Date());
    if (warning && this.isNews("clock")) this.#unsaid.push(warning);
  }

  /**
   * Notes by which keys this machine is known, so that it stays known when they are replaced one after the other.
   *
   * @throws {HostUnusable} where the ledger is another one's
   */
  #recogniseHost(identity: Answer): void {
    const keys = this.#keysOf(identity);
    const { ledger } = this.#ledgerFile;
    this.#refuseCopy(keys, ledger);
    const news = keys.filter((key) => !ledger.hostKeys.has(key));
    this.#ledgerFile.note(news.map((key) => ["host", key] as const));
  }

  /** None where files are in a directory of their own: that may be copied. */
  #keysOf({ output }: Answer): readonly string[] {
    return this.settings.root === "/" ? output.split("\n").filter(Boolean) : [];
  }

  /** A ledger that came with a copied disk image speaks of another machine's files. */
  #refuseCopy(keys: readonly string[], { hostKeys }: Ledger): void {
    if (keys.length === 0 || hostKeys.size === 0 || keys.some((key) => hostKeys.has(key))) return;
    throw new HostUnusable(
      `${this.#ledgerFile.path} was begun on another machine: none of the SSH host keys is the same. If this host is a copy of ` +
        "that one, remove the file here. If the host got new keys, write them into its lines that begin with `host`",
    );
  }

  async #observe(questions: readonly Question[]): Promise<readonly Observation[]> {
    try {
      const survey = await this.#surveyFor(questions.flatMap(({ paths }) => paths));
      const texts = await this.#fetchTexts(questions, survey.facts);
      const { facts, ledger } = survey;
      return questions.map(() => ({ facts, ledger, texts, warnings: this.#unsaid.splice(0) }));
    } catch (error) {
      if (error instanceof HostUnreachable) throw error;
      throw new HostUnusable(this.#unusable(error).detail);
    }
  }

  async #surveyFor(paths: readonly string[]): Promise<Survey> {
    const earlier = this.#survey;
    if (earlier && earlier.age < this.patience.survey) {
      const missing = earlier.missing(paths);
      if (missing.length > 0) {
        earlier.add(missing, await this.#reader.begin((session) => lookAt(session, this.settings, missing)));
      }
      return earlier;
    }
    const changesBefore = this.#changesMade;
    const survey = await this.#reader.begin((session) => this.#look(session, paths));
    if (this.#changesMade === changesBefore) this.#survey = survey;
    return survey;
  }

  async #look(session: Session, paths: readonly string[]): Promise<Survey> {
    const [tools, identity, news, clock] = await session.round([
      ["missing_tools"],
      ["identity"],
      this.#observedLedgerFile.question(),
      ["clock"],
    ]);
    refuseMissing(tools);
    this.#compareClocks(clock);
    this.#observedLedgerFile.catchUp(news);
    const { ledger } = this.#observedLedgerFile;
    this.#refuseCopy(this.#keysOf(identity), ledger);
    const all = pathsOfSameStacks(paths, ledger);
    return new Survey(ledger, all, await lookAt(session, this.settings, all));
  }

  /** Of files that are not as they should be. */
  async #fetchTexts(questions: readonly Question[], facts: Facts): Promise<ReadonlyMap<string, string>> {
    const wanted = questions
      .flatMap(({ texts }) => [...texts])
      .filter(([path, sha256]) => facts.get(path)?.kind === "file" && facts.get(path)?.sha256 !== sha256)
      .map(([path]) => path);
    if (wanted.length === 0) return new Map();
    const calls = wanted.map((path) => ["fetch", onHost(this.settings, path)] as const);
    const answers = await this.#reader.begin((session) => session.round(calls));
    return new Map(wanted.map((path, index) => [path, decode(answers[index])]));
  }

  #unusable(error: unknown): Problem {
    if (error instanceof HostUnreachable) return unreachable(this.settings.name, error);
    const known =
      error instanceof HostUnusable || error instanceof SessionLost || error instanceof LedgerUnusable;
    if (!known) throw error;
    return { summary: `Host "${this.settings.name}" cannot be used`, detail: sentence(error.message) };
  }
}

/** What is said of a host that nobody can log in to. */
export function unreachable(name: string, { message }: HostUnreachable): Problem {
  return { summary: `Host "${name}" cannot be reached`, detail: sentence(message) };
}

function refuseMissing({ output }: Answer): void {
  const missing = output.trim();
  if (missing !== "") {
    throw new HostUnusable(
      `It lacks ${missing.split(/\s+/).join(", ")}: install coreutils, grep and util-linux there`,
    );
  }
}

function decode({ status, output }: Answer): string {
  return status === 0 ? Buffer.from(output.trim(), "base64").toString("utf8") : "";
}
