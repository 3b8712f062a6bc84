import { printableLine } from "../../shared/printable";
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
  // What is done is not undone because the reader of the report has gone.
  io.goOnWithoutReader();
  const complain = (line: string) => void io.stderr.write(`mail-sni: ${printableLine(line)}\n`);
  const tell = async (report: string, exitCode: number) => {
    const problem =
      flags.notify === undefined || exitCode === EXIT.OK
        ? null
        : await notify({ command: flags.notify, report, exitCode, environment: io.environment });
    if (problem !== null) complain(`The command of --notify ${problem}.`);
  };
  const { text, json, exitCode } = await run(flags, { io, version, complain }).catch(
    async (error: unknown) => {
      // An unattended run that a bug ends is seen by its notifier alone.
      await tell("An unexpected error ended mail-sni renew. Its log has the error.\n", EXIT.NOT_CHECKED);
      throw error;
    },
  );
  if (json !== null || !flags.json) io.stdout.write(flags.json ? (json ?? "") : text);
  await tell(text, exitCode);
  return exitCode;
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
