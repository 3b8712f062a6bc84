import type { SniTableDocument } from "../../../shared/sni-table/document";
import { noProject, projectOf } from "../../inputs/project-options";
import { disabledTable, readTable, stacksOf, withStacks } from "../../inputs/table";
import type { Tables } from "../changes/planned-stack";
import type { PlanFlags } from "../options/flags";

/**
 * The table of the target branch and that of the change, reduced to the stacks that the options name.
 *
 * @returns null without `--base-table`
 * @throws CliError `CLI_TABLE_MISSING`, `CLI_TABLE_INVALID`, `CLI_PROJECT_MISSING`
 */
export function tablesOf(flags: PlanFlags, environment: NodeJS.ProcessEnv): Tables | null {
  if (flags.baseTable === undefined) return null;
  const before = readTable(flags.baseTable, { unreadable: WRITE_BASE_TABLE, invalid: WRITE_BASE_TABLE });
  const after = readTable(flags.table ?? tablePathOf(flags, environment));
  const stacks = [...(flags.saved ?? []).map(({ stack }) => stack), ...(flags.stack ?? [])];
  if (stacks.length === 0) return { before, after };
  return { before: reduced(before, stacks), after: reduced(after, stacks) };
}

const WRITE_BASE_TABLE =
  "Write the table of the target branch to the file of --base-table: git show origin/main:sni-table.json.";

/** A stack may be in one of the tables only. */
function reduced(table: SniTableDocument, stacks: readonly string[]): SniTableDocument {
  const known = stacksOf(table);
  return withStacks(
    table,
    stacks.filter((stack) => known.includes(stack)),
  );
}

function tablePathOf(flags: PlanFlags, environment: NodeJS.ProcessEnv): string {
  const project = projectOf(flags, environment);
  if (project === null) throw noProject(".");
  if (project.tablePath === null) throw disabledTable();
  return project.tablePath;
}
