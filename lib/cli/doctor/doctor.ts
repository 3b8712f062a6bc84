import { engineOf } from "../engine/engine";
import { noProject, type ProjectFlags, projectOf } from "../inputs/project-options";
import { FactsSource } from "../inputs/stack-facts";
import { terminalOf } from "../output/terminal";
import type { Io } from "../process/io";
import { examined, exitCodeOf } from "./examination/examination";
import { jsonReport } from "./reports/json";
import { textReport } from "./reports/text";
import { DoctorTasks } from "./tasks";

/** The options as commander parses them. */
export interface DoctorFlags extends ProjectFlags {
  /** False for `--no-hosts`. */
  readonly hosts: boolean;
  readonly offline?: boolean;
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
 * @throws CliError if there is nothing to look at
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
    withoutNames: flags.offline ? "--offline" : null,
    facts: (stack) => source.of(stack),
    now: io.now,
  });
  try {
    const results = await examined(tasks.all(), { atOnce: MOST_AT_ONCE, deadlineMs: CHECK_DEADLINE_MS });
    const terminal = terminalOf(io.stdout, environment);
    const text = { terminal, isVerbose: flags.verbose === true };
    io.stdout.write(flags.json ? jsonReport(results, io.now()) : textReport(results, text));
    return exitCodeOf(results);
  } finally {
    await tasks.close();
  }
}
