import { type ChildProcess, spawn } from "node:child_process";
import { signalGroup } from "../../shared/process-group";

/** How a program has ended. */
interface End {
  /** Null if a signal has ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What a program has printed, and how it has ended. */
export interface ProgramRun extends End {
  readonly stdout: string;
  /** Its end, if there is much of it. */
  readonly stderr: string;
  /** Whether it was killed because it took too long. */
  readonly isLate: boolean;
}

export interface ProgramOptions {
  /** @default that of this process */
  readonly directory?: string;
  readonly environment: NodeJS.ProcessEnv;
  /** The time until it is killed, in milliseconds. */
  readonly deadlineMs: number;
  /** Is written to its standard input, which it need not read. @default - its standard input is empty */
  readonly input?: string;
}

/** In characters, of each stream. More than that is dropped. */
const MOST_CHARACTERS = 64 * 1024;
/** The time for what a program that has ended still has in its pipes. */
const DRAIN_MS = 500;

/**
 * Runs a short program, and waits for its end; not for that of children that it leaves behind.
 *
 * @param program an absolute path
 * @throws Error of the system, if it cannot be started
 */
export async function programRun(
  program: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramRun> {
  const child = started(program, args, options);
  const printed = printedBy(child);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    signalGroup(child);
  }, options.deadlineMs);
  try {
    return { ...(await ended(child)), ...printed, isLate };
  } finally {
    clearTimeout(timer);
    for (const stream of child.stdio) stream?.destroy();
  }
}

function started(
  program: string,
  args: readonly string[],
  { directory, environment, input }: ProgramOptions,
): ChildProcess {
  const child = spawn(program, args, {
    cwd: directory,
    env: environment,
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    // The process group includes what a script has started.
    detached: true,
  });
  // It may end without reading all of it.
  child.stdin?.on("error", () => {}).end(input);
  return child;
}

/** What it prints, while it does. */
function printedBy({ stdout, stderr }: ChildProcess): { readonly stdout: string; readonly stderr: string } {
  const printed = { stdout: "", stderr: "" };
  stdout?.setEncoding("utf8").on("data", (text: string) => {
    printed.stdout = (printed.stdout + text).slice(0, MOST_CHARACTERS);
  });
  stderr?.setEncoding("utf8").on("data", (text: string) => {
    printed.stderr = (printed.stderr + text).slice(-MOST_CHARACTERS);
  });
  return printed;
}

function ended(child: ChildProcess): Promise<End> {
  return new Promise((done, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode, signal) => done({ exitCode, signal }));
    // Children that it has left behind may hold its pipes open.
    child.once("exit", (exitCode, signal) => setTimeout(() => done({ exitCode, signal }), DRAIN_MS).unref());
  });
}
