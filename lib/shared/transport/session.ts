import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { zip } from "../grouping";
import { log } from "../log";
import { signalGroup } from "../process-group";
import { type Answer, Answers, Flood } from "./answers";
import hostJobs from "./host-jobs.sh";
import hostScript from "./host-script.sh";
import hostVerbs from "./host-verbs.sh";
import { MOST_LEDGER_BYTES } from "./ledger-size";
import { shellQuote } from "./shell-quote";
import { inSeconds } from "./timeouts";
import { type Trouble, TroubleError } from "./trouble";

export type { Answer } from "./answers";

/** A verb of the host script and its arguments. */
export type Call = readonly [verb: string, ...args: string[]];

/** An answer for each call, in order. */
export type AnswersTo<Calls extends readonly Call[]> = { -readonly [Index in keyof Calls]: Answer };

/** The maximum length, in characters, of the answers of verbs that answer more than the others. */
const MOST_OF_VERB: Readonly<Record<string, number>> = {
  ledger: Math.ceil((MOST_LEDGER_BYTES * 4) / 3) + 1000,
};

/** The exit status of timeout(1) when the time is up. */
const TIMED_OUT = 124;

export interface SessionOptions {
  /** The time after which timeout(1) ends the shell. */
  readonly lifetimeMs: number;
  /**
   * The time until the shell has begun. On the host nothing limits what comes before that.
   *
   * @default 45 s
   */
  readonly startMs?: number;
  /**
   * The time after `lifetimeMs` that this side waits to hear of the shell's end.
   *
   * @default 30 s
   */
  readonly graceMs?: number;
  /**
   * The time for a shell to end on request, when all calls are answered.
   *
   * @default 10 s
   */
  readonly closeMs?: number;
  /** Turns the last words of a shell that has ended into what the user has to know. */
  readonly explain?: (words: string) => Trouble;
  /** Called if the shell has not begun in time. */
  readonly onLate?: (reason: Trouble) => void;
}

/** The connection to a host, or the shell behind it, ended before all calls were answered. */
export class SessionLost extends TroubleError {
  override readonly name = "SessionLost";
}

/**
 * A shell on a host that runs the host script and answers one call after the other. Calls of one round are sent
 * together, so that a round costs one trip to the host, however many calls it has.
 */
export class Session {
  readonly #received = new Answers();
  #lastWords = "";
  /** The number of calls that are not answered yet. */
  #unanswered = 0;
  /** The number of trips to the host and back. Calls that are under way together share one. */
  #trips = 0;
  #ended = false;
  /**
   * Ends a shell that its host does not end: it may not have begun, or may wait for a file system that does
   * not answer.
   */
  #timer: NodeJS.Timeout;
  /** Who waits for output, or for the end of the shell. */
  readonly #waiting: (() => void)[] = [];
  /** Settled when all rounds so far are answered. */
  #earlier: Promise<unknown> = Promise.resolve();

  readonly #explain: (words: string) => Trouble;
  readonly #longestMs: number;
  readonly #closeMs: number;

  /** @param shell a process that leads its own process group */
  constructor(
    private readonly shell: ChildProcessWithoutNullStreams,
    {
      lifetimeMs,
      startMs = 45_000,
      graceMs = 30_000,
      closeMs = 10_000,
      explain = (problem) => ({ problem }),
      onLate,
    }: SessionOptions,
  ) {
    this.#explain = explain;
    this.#longestMs = lifetimeMs + graceMs;
    this.#closeMs = closeMs;
    this.#timer = setTimeout(() => {
      this.#giveUp(`the shell has not begun within ${inSeconds(startMs)} s`);
      onLate?.(this.#lost());
    }, startMs);
    shell.stdout.setEncoding("utf8");
    shell.stdout.on("data", (text: string) => this.#take(() => this.#received.read(text)));
    shell.stderr.setEncoding("utf8");
    shell.stderr.on("data", (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-2000);
      this.#take(() => this.#received.count(text));
    });
    // `close` reports a write to a shell that has ended; without a listener the error would end the process.
    shell.stdin.on("error", () => {});
    shell.on("error", (error: NodeJS.ErrnoException) =>
      this.#end(error.code === "ENOENT" ? `\`${error.path}\` is not installed here` : error.message),
    );
    shell.on("close", (status, signal) =>
      this.#end(
        status === TIMED_OUT
          ? "the shell was ended, since its time was up"
          : `the shell ended (${signal ?? `exit status ${status}`})`,
      ),
    );
    shell.stdin.write(`${hostVerbs}${hostScript}${hostJobs}printf '\\n\\036ready\\n'\n`);
  }

  /**
   * Sends calls and waits for their answers, in order. Rounds that are begun together share the trip: the
   * later one is sent at once.
   *
   * @throws {SessionLost}
   */
  round<const Calls extends readonly Call[]>(calls: Calls): Promise<AnswersTo<Calls>> {
    if (this.#unanswered === 0 && calls.length > 0) this.#trips++;
    this.#unanswered += calls.length;
    for (const [verb] of calls) this.#received.expect(MOST_OF_VERB[verb]);
    this.shell.stdin.write(calls.map(line).join(""));
    const answers = this.#earlier.then(() => this.#answersTo(calls));
    this.#earlier = answers.catch(() => {});
    return answers;
  }

  async call(...call: Call): Promise<Answer> {
    const [answer] = await this.round([call]);
    return answer;
  }

  /**
   * Sends one call for each subject, in one round.
   *
   * @returns each subject with its answer, in order
   * @throws {SessionLost}
   */
  async roundFor<T>(subjects: readonly T[], callFor: (subject: T) => Call): Promise<[T, Answer][]> {
    return zip(subjects, await this.round(subjects.map(callFor)));
  }

  /**
   * Ends the shell when all calls are answered, which releases a lock that it holds. It does not wait for a
   * shell that goes on regardless: its host ends that when its time is up.
   */
  async close(): Promise<void> {
    this.shell.stdin.end();
    await this.#earlier;
    const reason = `the shell did not end within ${inSeconds(this.#closeMs)} s when it was told to`;
    const timer = setTimeout(() => this.#giveUp(reason), this.#closeMs);
    while (!this.#ended) await this.#news();
    clearTimeout(timer);
  }

  async #answersTo<Calls extends readonly Call[]>(calls: Calls): Promise<AnswersTo<Calls>> {
    const answers: Answer[] = [];
    while (answers.length < calls.length) answers.push(await this.#answer());
    // The loop ensures the length, which the type checker cannot see.
    return answers as AnswersTo<Calls>;
  }

  async #answer(): Promise<Answer> {
    for (;;) {
      const answer = this.#received.next();
      if (answer) {
        this.#unanswered--;
        return answer;
      }
      if (this.#ended) throw new SessionLost(this.#lost());
      await this.#news();
    }
  }

  /** Reads output of the shell. A host that sends what no host script sends is cut off. */
  #take(read: () => void): void {
    if (this.#ended) return;
    const { begun } = this.#received;
    try {
      read();
    } catch (error) {
      if (!(error instanceof Flood)) throw error;
      this.#lastWords = "";
      this.#giveUp(`${error.message}, and was cut off`);
    }
    if (!begun && this.#received.begun && !this.#ended) {
      clearTimeout(this.#timer);
      this.#timer = this.#endOfLifetime();
    }
    this.#wake();
  }

  #endOfLifetime(): NodeJS.Timeout {
    const reason = "the shell did not end when its time was up";
    return setTimeout(() => this.#giveUp(reason), this.#longestMs);
  }

  /** Ends the whole process group: children of the shell may hold its output open. */
  #giveUp(reason: string): void {
    signalGroup(this.shell);
    // Processes that it has left on the host may go on writing.
    this.shell.stdout.destroy();
    this.shell.stderr.destroy();
    this.#end(reason);
  }

  #lost(): Trouble {
    return this.#explain(this.#lastWords.trim());
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #end(reason: string): void {
    if (this.#ended) return;
    log("debug", "A shell on a host has ended", { reason, trips: this.#trips });
    clearTimeout(this.#timer);
    this.#ended = true;
    this.#lastWords = [this.#lastWords.trim(), reason].filter(Boolean).join("; ");
    this.#wake();
  }
}

/** A call as a line of shell, in braces: a shell runs none of it if the closing brace is missing. */
function line(call: Call): string {
  return `{ call ${call.map(shellQuote).join(" ")}; }\n`;
}

/** The private key of a PEM. A long output has only its end, and a cut one only its beginning. */
const PRIVATE_KEY =
  /(?:-----BEGIN [A-Z ]*PRIVATE KEY-----|^)(?:(?!-----BEGIN)[\s\S])*?-----END [A-Z ]*PRIVATE KEY-----|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*/g;

/** The beginning of a shortened output, here and in the host script. */
const CUT = "... ";
const MOST_LINES = 5;
const MOST_CHARACTERS = 1000;

/**
 * The part of a command's output that helps the user: whole lines, and no warnings if there are errors.
 * Private keys, which some commands print when they fail, are removed.
 */
export function lastLines(output: string): string {
  const lines = output.replace(PRIVATE_KEY, "(a private key)").trim().split("\n");
  if (lines.length > 1 && lines[0]?.startsWith(CUT)) lines.shift();
  const telling = (lines.some(isError) ? lines.filter((line) => !isWarning(line)) : lines).slice(-MOST_LINES);
  while (telling.length > 1 && telling.join("\n").length > MOST_CHARACTERS) telling.shift();
  return shortened(telling.join("\n")) || "(it printed nothing)";
}

function isWarning(line: string): boolean {
  return /\bwarning:/i.test(line);
}

function isError(line: string): boolean {
  return !isWarning(line) && /\b(fatal|error|panic)\b/i.test(line);
}

/** Cuts the beginning of a long line, up to the end of a word. */
function shortened(line: string): string {
  if (line.length <= MOST_CHARACTERS) return line;
  const end = line.slice(CUT.length - MOST_CHARACTERS);
  return CUT + end.replace(/^\S{0,100}\s+/, "");
}
