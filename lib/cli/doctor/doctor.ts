import { printableLine } from "../../shared/text/printable";
import { engineOf } from "../engine/engine";
import { noProject, type ProjectFlags, projectOf } from "../inputs/project-options";
import { FactsSource } from "../inputs/stack-facts";
import { terminalOf } from "../output/terminal";
import type { Io } from "../process/io";
import { type Examined, examined, exitCodeOf } from "./examination/examination";
import { jsonReport } from "./reports/json";
import { textReport } from "./reports/text";
import { DoctorTasks } from "./tasks";

/** The options as commander parses them. */
export interface DoctorFlags extends ProjectFlags {
  /** False for `--no-hosts`. */
  readonly hosts: boolean;
  readonly offline?: boolean;
  readonly writeProbe?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

const MOST_AT_ONCE = 8;
/** Longer than what any check waits for by itself. */
const CHECK_DEADLINE_MS = 180_000;

/**
 * Runs all checks, and writes a report about them.
 *
 * @returns the exit status
 * @throws CliError if there is nothing to check
 */
export async function doctor(flags: DoctorFlags, io: Io): Promise<number> {
  const { environment } = io;
  const project = projectOf(flags, environment);
  if (project === null) throw noProject(".");
  const source = new FactsSource(flags, project, environment);
  const tasks = new DoctorTasks({
    project,
    stacks: flags.stack ?? null,
    engine: engineOf(flags.engine, environment),
    environment,
    directory: flags.project ?? ".",
    withoutHosts: flags.offline ? "--offline" : flags.hosts ? null : "--no-hosts",
    writesProbe: flags.writeProbe === true,
    withoutNames: flags.offline ? "--offline" : null,
    facts: (stack) => source.of(stack),
    now: io.now,
  });
  const results = await allResults(tasks, flags, io);
  const text = { terminal: terminalOf(io.stdout, environment), isVerbose: flags.verbose === true };
  io.stdout.write(flags.json ? jsonReport(results, io.now()) : textReport(results, text));
  return exitCodeOf(results);
}

/** Runs the checks, and cleans up before anything is reported: the reader of the report may be gone. */
async function allResults(tasks: DoctorTasks, { writeProbe }: DoctorFlags, io: Io): Promise<Examined[]> {
  try {
    const limits = { atOnce: MOST_AT_ONCE, deadlineMs: CHECK_DEADLINE_MS };
    // Only what has written something has to clean up.
    const signal = writeProbe ? io.interruption() : undefined;
    return await examined(tasks.all(), { ...limits, signal });
  } finally {
    for (const left of await tasks.close()) io.stderr.write(`mail-sni: ${printableLine(left)}\n`);
  }
}
