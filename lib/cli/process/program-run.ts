import { spawn } from "node:child_process";
import { killGroup } from "./kill-group";

/** What a program has printed, and how it has ended. */
export interface ProgramRun {
  /** Null if a signal has ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  /** Its end, if there is much of it. */
  readonly stderr: string;
  readonly isLate: boolean;
}

export interface ProgramOptions {
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
  /** The time until it is killed, in milliseconds. */
  readonly deadlineMs: number;
}

/** In characters, of each stream. More than that is dropped. */
const MOST_CHARACTERS = 64 * 1024;

/**
 * Runs a short program without input, and waits for its end.
 *
 * @param program an absolute path
 * @throws Error of the system, if it cannot be started
 */
export function programRun(
  program: string,
  args: readonly string[],
  { directory, environment, deadlineMs }: ProgramOptions,
): Promise<ProgramRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: directory,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
      // The process group includes what a script has started.
      detached: true,
    });
    let [stdout, stderr, isLate] = ["", "", false];
    const timer = setTimeout(() => {
      isLate = true;
      killGroup(child.pid);
      for (const stream of [child.stdout, child.stderr]) stream.destroy();
    }, deadlineMs);
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout = (stdout + text).slice(0, MOST_CHARACTERS);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(-MOST_CHARACTERS);
    });
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once("close", (exitCode) => {
      clearTimeout(timer);
      resolve({ exitCode, stdout, stderr, isLate });
    });
  });
}
