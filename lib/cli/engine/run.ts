import { type ChildProcessByStdio, spawn } from "node:child_process";
import { statSync } from "node:fs";
import { isAbsolute } from "node:path";
import type { Readable } from "node:stream";
import type { CliError } from "../errors/cli-error";
import type { Engine } from "./engine";
import { engineEnvironment } from "./environment";
import { executableIn } from "./executable";
import { failed, missing, notInPath, withoutDirectory } from "./failure";

/** Only the end of standard error is kept: if the engine also writes a log there, the error comes last. */
const MOST_COMPLAINT_CHARACTERS = 64 * 1024;

export interface EngineRunOptions {
  /** The stack's, in which the engine runs. */
  readonly directory: string;
  /** The subcommand first. */
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly deadlineMs: number;
  /** Receives standard output, piece by piece. What it throws ends the engine, and the run throws it. */
  readonly sink: (chunk: Buffer) => void;
  /** Its abort interrupts the engine. Ctrl-C on a terminal then reaches this process alone, and not the engine as well. */
  readonly signal?: AbortSignal;
  /**
   * How long an interrupted engine has to end by itself, before it is killed. Without it the engine is killed at once.
   *
   * @default 0
   */
  readonly graceMs?: number;
  /** The engine's mask for the permissions of new files. @default that of this process */
  readonly umask?: number;
}

export interface EngineExit {
  /** Null if a signal ended the engine. */
  readonly exitCode: number | null;
  /** Whether the run's signal interrupted the engine. It may have succeeded all the same. */
  readonly isInterrupted: boolean;
  /** The end of its standard error. */
  readonly complaint: string;
}

/**
 * Runs the engine once, to its end.
 *
 * @throws CliError `CLI_NOT_SYNTHESIZED` if the directory is missing, `CLI_ENGINE_MISSING` if the engine cannot be started,
 * `CLI_ENGINE_FAILED` if it takes too long; and what the sink throws
 */
export async function runEngine(engine: Engine, options: EngineRunOptions): Promise<EngineExit> {
  const { directory, signal } = options;
  // Node.js would report it as an engine that is missing.
  if (!isDirectory(directory)) throw withoutDirectory(directory);
  if (signal?.aborted) return { exitCode: null, isInterrupted: true, complaint: "" };
  const run = new EngineRun(engine, options, started(engine, options));
  const interrupt = () => run.interrupt();
  signal?.addEventListener("abort", interrupt, { once: true });
  // If a bug ends this process, the engine still ends in order.
  process.once("exit", interrupt);
  try {
    return await run.ended;
  } finally {
    signal?.removeEventListener("abort", interrupt);
    process.off("exit", interrupt);
  }
}

type EngineProcess = ChildProcessByStdio<null, Readable, Readable>;

/** An engine that runs. */
class EngineRun {
  readonly ended: Promise<EngineExit>;
  readonly #deadline: NodeJS.Timeout;
  #grace: NodeJS.Timeout | undefined;
  #settle: (end: EngineExit | Error) => void = () => {};
  /** What the run throws once the engine has ended. */
  #failure: CliError | undefined;
  #isInterrupted = false;
  #complaint = "";

  constructor(
    private readonly engine: Engine,
    private readonly options: EngineRunOptions,
    private readonly child: EngineProcess,
  ) {
    this.ended = new Promise((done, reject) => {
      this.#settle = (end) => (end instanceof Error ? reject(end) : done(end));
    });
    this.#deadline = setTimeout(() => this.#takeTooLong(), options.deadlineMs);
    child.stdout.on("data", (chunk: Buffer) => this.#receive(chunk));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-MOST_COMPLAINT_CHARACTERS);
    });
    child.once("error", (error) => this.#end(missing(engine.executable, options.directory, error)));
    child.once("close", (exitCode) => {
      const [isInterrupted, complaint] = [this.#isInterrupted, this.#complaint];
      this.#end(this.#failure ?? { exitCode, isInterrupted, complaint });
    });
  }

  interrupt(): void {
    this.#isInterrupted = true;
    this.#stop("it was interrupted");
  }

  #takeTooLong(): void {
    const problem = `it took longer than ${this.options.deadlineMs / 1000} seconds`;
    this.#failure = this.#failed(problem);
    this.#stop(problem);
  }

  #receive(chunk: Buffer): void {
    try {
      this.options.sink(chunk);
    } catch (error) {
      this.#kill(error as Error);
    }
  }

  /** Has the engine end by itself, if it gets time for that. A second signal would make it give up in disorder. */
  #stop(problem: string): void {
    const { graceMs = 0 } = this.options;
    if (graceMs === 0) this.#kill(this.#failed(problem));
    if (graceMs === 0 || this.#grace !== undefined) return;
    this.child.kill("SIGINT");
    const more = `and did not end within ${graceMs / 1000} seconds after that`;
    this.#grace = setTimeout(() => this.#kill(this.#failed(`${problem}, ${more}`)), graceMs);
  }

  #kill(error: Error): void {
    this.child.kill("SIGKILL");
    this.#end(error);
  }

  #end(end: EngineExit | Error): void {
    clearTimeout(this.#deadline);
    clearTimeout(this.#grace);
    // Child processes of the engine may keep the pipes open.
    for (const stream of [this.child.stdout, this.child.stderr]) stream.destroy();
    this.#settle(end);
  }

  #failed(problem: string): CliError {
    return failed(this.engine, this.options, problem);
  }
}

/** @throws CliError `CLI_ENGINE_MISSING` for what Node.js throws at once; the rest is an event of the process */
function started({ executable }: Engine, options: EngineRunOptions): EngineProcess {
  const { directory, args, environment, signal, umask } = options;
  const program = isAbsolute(executable) ? executable : executableIn(environment.PATH ?? "", executable);
  if (program === null) throw notInPath(executable);
  // A process inherits the mask of the one that starts it. Nothing else runs meanwhile.
  const own = umask === undefined ? undefined : process.umask(umask);
  try {
    return spawn(program, args, {
      cwd: directory,
      env: engineEnvironment(environment),
      stdio: ["ignore", "pipe", "pipe"],
      detached: signal !== undefined,
    });
  } catch (error) {
    throw missing(program, directory, error as Error);
  } finally {
    if (own !== undefined) process.umask(own);
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    // Whatever keeps this from reading it keeps the engine from starting there, which says so.
    return true;
  }
}
