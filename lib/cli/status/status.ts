import { join } from "node:path";
import { printableLine } from "../../shared/text/printable";
import { CliError } from "../errors/cli-error";
import { type Project, parseProjectFile } from "../inputs/project";
import { noProject, type ProjectFlags, projectOf } from "../inputs/project-options";
import { FactsSource } from "../inputs/stack-facts";
import { countsOf, declaredJournal, stackJournal } from "../inputs/stack-journal";
import { stacksWithHosts } from "../inputs/stacks-with-hosts";
import { terminalOf } from "../output/terminal";
import type { Io } from "../process/io";
import { Overview, type StackFacts } from "./overview/overview";
import { jsonReport } from "./reports/json";
import { textReport } from "./reports/text";

/** The options as commander parses them. */
export interface StatusFlags extends ProjectFlags {
  /** The time between two runs that renew certificates, in milliseconds. */
  readonly runInterval: number;
  readonly all?: boolean;
  readonly json?: boolean;
}

/**
 * Reads the public facts of each stack, and writes a report about them. Does not connect to hosts.
 *
 * @returns the exit status
 */
export async function status(flags: StatusFlags, io: Io): Promise<number> {
  const read: StackFacts[] = [];
  const unread: string[] = [];
  const project = typeof flags.facts === "string" ? null : projectOf(flags, io.environment);
  const source = new FactsSource(flags, project, io.environment);
  for (const stack of stacksAsked(flags, project)) {
    try {
      const facts = await source.of(stack ?? "");
      read.push({ stack, facts, ...journalOf(stack, project, io.environment) });
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      io.stderr.write(`mail-sni: ${error.message}\n${journalLine(stack, project, io.environment)}`);
      unread.push(stack ?? "");
    }
  }
  const overview = new Overview(read, unread, { at: io.now(), runIntervalMs: flags.runInterval });
  const terminal = terminalOf(io.stdout, io.environment);
  if (flags.json) io.stdout.write(jsonReport(overview));
  else if (read.length > 0) io.stdout.write(textReport(overview, { terminal, isAll: flags.all === true }));
  return overview.exitCode;
}

/** Without an output, as after a first deploy that was killed, the journal is all that is known. */
function journalLine(stack: string | null, project: Project | null, environment: NodeJS.ProcessEnv): string {
  const { path, entries } = journalOf(stack, project, environment).journal ?? { path: "", entries: [] };
  return entries.length === 0
    ? ""
    : printableLine(
        `mail-sni: The issuance journal ${path} has ${countsOf(entries)}: the next deploy uses what fits.`,
      ).concat("\n");
}

/** None without a project, or if its document cannot be read: the facts are what counts. */
function journalOf(
  stack: string | null,
  project: Project | null,
  environment: NodeJS.ProcessEnv,
): Pick<StackFacts, "journal"> {
  if (stack === null || project === null) return {};
  try {
    const { directory } = project.stack(stack);
    const block = parseProjectFile(join(directory, "cdk.tf.json"), declaredJournal);
    const journal = stackJournal(stack, block, environment, directory);
    return "path" in journal ? { journal } : {};
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return {};
  }
}

/** The stacks to read, one at least. Null is one that has no name. */
function stacksAsked(flags: StatusFlags, project: Project | null): readonly (string | null)[] {
  const given = flags.stack ?? [];
  if (typeof flags.facts === "string") {
    if (given.length > 1) throw severalStacks(flags.facts);
    return [given[0] ?? null];
  }
  if (given.length > 0) return given;
  if (project === null) throw noProject(".");
  return stacksWithHosts(project, flags.table);
}

function severalStacks(path: string): CliError {
  return new CliError(
    "CLI_OPTION",
    `--facts has ${JSON.stringify(path)}, which holds the output of one stack, and --stack names several.`,
    "Give one --stack, or leave --facts out.",
  );
}
