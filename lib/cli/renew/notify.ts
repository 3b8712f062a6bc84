import { printableLine } from "../../shared/text/printable";
import { truncated } from "../../shared/text/truncated";
import { type ProgramRun, programRun } from "../process/program-run";

const DEADLINE_MS = 60_000;
const MOST_COMPLAINT_CHARACTERS = 1000;
/** A notifier has no use for the passphrases of keys. */
const SECRET = /^MAIL_SNI_.*PASSPHRASE/;

export interface NotifyOptions {
  /** For `/bin/sh -c`, as the administrator wrote it. */
  readonly command: string;
  /** Is written to the command's standard input. */
  readonly report: string;
  readonly exitCode: number;
  readonly environment: NodeJS.ProcessEnv;
  /** @default 60000 */
  readonly deadlineMs?: number;
}

/**
 * Runs a command with the report on its standard input. The environment variable `MAIL_SNI_EXIT_STATUS` says how `renew` ends.
 *
 * @returns what went wrong; null if it succeeded
 */
export async function notify(options: NotifyOptions): Promise<string | null> {
  const { command, report, exitCode, environment, deadlineMs = DEADLINE_MS } = options;
  const passed = Object.entries(environment).filter(([name]) => !SECRET.test(name));
  try {
    const run = await programRun("/bin/sh", ["-c", command], {
      environment: { ...Object.fromEntries(passed), MAIL_SNI_EXIT_STATUS: String(exitCode) },
      deadlineMs,
      input: report,
    });
    const problem = problemOf(run, deadlineMs);
    return problem === null ? null : said(problem, run);
  } catch (error) {
    return `cannot be run: ${(error as Error).message}`;
  }
}

function problemOf({ exitCode, signal, isLate }: ProgramRun, deadlineMs: number): string | null {
  if (isLate) return `did not end within ${deadlineMs / 1000} seconds`;
  if (exitCode === 0) return null;
  return exitCode === null ? `was ended by ${signal}` : `ended with status ${exitCode}`;
}

/** With the last line that it has printed. */
function said(problem: string, { stdout, stderr }: ProgramRun): string {
  const last = `${stdout}\n${stderr}`.trim().split("\n").at(-1) ?? "";
  return last === "" ? problem : `${problem}: ${truncated(printableLine(last), MOST_COMPLAINT_CHARACTERS)}`;
}
