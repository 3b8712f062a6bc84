import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { zip } from "../grouping";
import { log } from "../log";
import { type Answer, Answers, Flood } from "./answers";
import hostScript from "./host-script.sh";
import { MOST_LEDGER_BYTES } from "./ledger-size";
import { inSeconds } from "./timeouts";

export type { Answer } from "./answers";

/** A verb of the host script and its arguments. */
export type Call = readonly [verb: string, ...args: string[]];

/** An answer for each call, in order. */
export type AnswersTo<Calls extends readonly Call[]> = { -readonly [Index in keyof Calls]: Answer };

/** In characters: what verbs may answer of which more is to be expected than of others. */
const MOST_OF_VERB: Readonly<Record<string, number>> = {
  ledger: Math.ceil((MOST_LEDGER_BYTES * 4) / 3) + 1000,
};

/** Of timeout(1). */
const TIMED_OUT = 124;

export interface SessionOptions {
  /** After so long timeout(1) ends the shell. */
  readonly lifetimeMs: number;
  /** Until the shell has begun. What comes before it has no time limit over there. @default 45 s */
  readonly startMs?: number;
  /** How much later than `lifetimeMs` this side no longer waits to hear of its end. @default 30 s */
  readonly graceMs?: number;
  /** Until a shell ends that was told to, and has nothing left to answer. @default 10 s */
  readonly closeMs?: number;
  /** Makes of the last words of a shell that has ended what a person can use. */
  readonly explain?: (words: string) => string;
  /** Called where the shell has not begun in time. */
  readonly onLate?: (reason: string) => void;
}

/** The connection to a host, or the shell behind it, has ended in the middle of something. */
export class SessionLost extends Error {
  override readonly name = "SessionLost";
}

/**
 * A shell on a host that runs the host script and answers one call after the other. Calls of one round are sent
 * together, so that a round costs one trip to the host, however many calls it has.
 */
export class Session {
  readonly #received = new Answers();
  #lastWords = "";
  /** Calls that are not answered yet. */
  #unanswered = 0;
  /** To the host and back: one for whatever is under way together. */
  #trips = 0;
  #ended = false;
  /** Ends a shell that its host does not end: it may not have begun, or wait for a file system that does not answer. */
  #timer: NodeJS.Timeout;
  #waiting: (() => void) | undefined;
  /** Settled when all rounds so far are answered. */
  #earlier: Promise<unknown> = Promise.resolve();

  readonly #explain: (words: string) => string;
  readonly #longestMs: number;
  readonly #closeMs: number;

  /** @param shell the leader of a process group of its own */
  constructor(
    private readonly shell: ChildProcessWithoutNullStreams,
    {
      lifetimeMs,
      startMs = 45_000,
      graceMs = 30_000,
      closeMs = 10_000,
      explain = (words) => words,
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
    // A write to a shell that has gone is told by `close`; without a listener it would end the process.
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
    shell.stdin.write(`${hostScript}printf '\\n\\036ready\\n'\n`);
  }

  /**
   * Sends the calls and waits for the answer to each, in order. Rounds that are begun together share the trip too: the
   * later one is sent at once. @throws {SessionLost}
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

  /** One call for each subject, in one round. @returns each subject with its answer, in order. @throws {SessionLost} */
  async roundFor<T>(subjects: readonly T[], callFor: (subject: T) => Call): Promise<[T, Answer][]> {
    return zip(subjects, await this.round(subjects.map(callFor)));
  }

  /**
   * Lets the shell end, and with it a lock it holds, once everything is answered. One that goes on all the same is not waited
   * for: its host ends it when its time is up.
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
    // The loop has just made it so, which the type checker cannot count.
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

  /** Takes in what has come. Who sends what no host script does is cut off: nothing more of it is read. */
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

  /** Not only the shell: what it has started may hold its output open. */
  #giveUp(reason: string): void {
    const { pid, exitCode, signalCode } = this.shell;
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, "SIGKILL");
    // What is left of it elsewhere may go on writing.
    this.shell.stdout.destroy();
    this.shell.stderr.destroy();
    this.#end(reason);
  }

  #lost(): string {
    return this.#explain(this.#lastWords.trim());
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  #wake(): void {
    this.#waiting?.();
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

/** In braces, without the last of which a shell runs nothing of it. */
function line(call: Call): string {
  return `{ call ${call.map(shellQuote).join(" ")}; }\n`;
}

/**
 * The one place in which something becomes part of a shell's program. Without backslashes, which ssh_config(5) reads in
 * its own way, where a command stands in an option of ssh.
 */
export function shellQuote(text: string): string {
  if (text.includes("\0")) throw new RangeError("A NUL character cannot be part of a shell's word.");
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}

/**
 * The private key of a PEM. Of a long output only the end is there, and of one that was cut off only the beginning.
 */
const PRIVATE_KEY =
  /(?:-----BEGIN [A-Z ]*PRIVATE KEY-----|^)(?:(?!-----BEGIN)[\s\S])*?-----END [A-Z ]*PRIVATE KEY-----|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*/g;

/** What a shortened output begins with, here and in the host script. */
const CUT = "... ";
const MOST_LINES = 5;
const MOST_CHARACTERS = 1000;

/**
 * Of what a command printed, what a person wants to see first: whole lines, and no warnings where there are errors. Keys,
 * which some print when they fail, are taken out.
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

/** One long line loses its beginning, up to the end of a word. */
function shortened(line: string): string {
  if (line.length <= MOST_CHARACTERS) return line;
  const end = line.slice(CUT.length - MOST_CHARACTERS);
  return CUT + end.replace(/^\S{0,100}\s+/, "");
}
