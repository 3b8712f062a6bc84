import { printableLine } from "../../shared/text/printable";
import { CliError } from "../errors/cli-error";
import { EXIT } from "../process/exit-code";
import type { Io } from "../process/io";
import type { RenewFlags } from "./flags";
import { notify } from "./notify";
import { exitCodeOf } from "./outcome/troubles";
import { problemTeller } from "./problem";
import { jsonReport } from "./reports/json";
import { textReport } from "./reports/text";
import { renewStacks } from "./run";

interface Ended {
  readonly text: string;
  readonly json: string | null;
  readonly exitCode: number;
}

/**
 * Renews what is due, writes the report, and hands it to the notifier if something needs attention.
 *
 * @param version of this program, for reports of bugs
 * @returns the exit status
 */
export async function renew(flags: RenewFlags, io: Io, version: string): Promise<number> {
  // What is done is not undone because the report cannot be written.
  io.goOnWithoutReader();
  const unexpected = io.unexpectedError();
  const orUnexpected = <T>(step: Promise<T>) => Promise.race([step, unexpected]);
  const complain = (line: string) => void io.stderr.write(`mail-sni: ${printableLine(line)}\n`);
  const tell = (report: string, exitCode: number) => notified(flags, io, { report, exitCode, complain });
  try {
    const { text, json, exitCode } = await orUnexpected(run(flags, { io, version, complain }));
    const writing = written(io, flags.json ? (json ?? "") : text);
    // What needs attention does not wait for a slow reader of the report.
    const isTold = exitCode !== EXIT.OK || (await orUnexpected(writing));
    const status = isTold ? exitCode : EXIT.NOT_CHECKED;
    await orUnexpected(tell(text, status));
    return status;
  } catch (error) {
    // An unattended run that a bug ends is seen by its notifier alone.
    await tell("An unexpected error ended mail-sni renew. Its log has the error.\n", EXIT.NOT_CHECKED);
    throw error;
  }
}

/** Runs the command of `--notify`, if there is one and something needs attention. */
async function notified(
  { notify: command }: RenewFlags,
  { environment }: Io,
  { report, exitCode, complain }: Notice,
): Promise<void> {
  if (command === undefined || exitCode === EXIT.OK) return;
  const problem = await notify({ command, report, exitCode, environment });
  if (problem !== null) complain(`The command of --notify ${problem}.`);
}

interface Notice {
  readonly report: string;
  readonly exitCode: number;
  readonly complain: (line: string) => void;
}

/** Writes the report. @returns whether it could be; a reader that has gone wants no more of it */
function written({ stdout }: Io, report: string): Promise<boolean> {
  return new Promise((done) => {
    stdout.write(report, (error) => done(!error || (error as NodeJS.ErrnoException).code === "EPIPE"));
  });
}

interface Surroundings {
  readonly io: Io;
  readonly version: string;
  readonly complain: (line: string) => void;
}

async function run(flags: RenewFlags, { io, version, complain }: Surroundings): Promise<Ended> {
  try {
    const runs = await renewStacks(flags, io, problemTeller(io, version));
    const options = { at: io.now(), runIntervalMs: flags.runInterval, warnDays: flags.warnDays };
    const exitCode = exitCodeOf(runs, options);
    const from = flags.from ?? null;
    return { text: textReport(runs, { ...options, from }), json: jsonReport(runs, options), exitCode };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    complain(error.message);
    return { text: `${error.message}\n`, json: null, exitCode: EXIT.NOT_CHECKED };
  }
}
