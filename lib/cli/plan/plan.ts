import { distinctFiles, ReportFile, saveAll } from "../output/report-file";
import { terminalOf } from "../output/terminal";
import { EXIT } from "../process/exit-code";
import type { Io } from "../process/io";
import { type PlanChanges, planChanges } from "./changes/plan-changes";
import type { PlanFlags } from "./options/flags";
import { htmlReport } from "./reports/html/html";
import { jsonReport } from "./reports/json";
import { markdownReport } from "./reports/markdown/markdown";
import { textReport } from "./reports/text";
import { plannedStacks } from "./sources/sources";
import { tablesOf } from "./sources/tables";

/**
 * Plans the stacks, and reports what the change does to whose mail.
 *
 * @returns the exit status
 */
export async function plan(flags: PlanFlags, io: Io): Promise<number> {
  const at = io.now();
  const [markdown, html] = [flags.markdown, flags.html].map((path) =>
    path === undefined ? null : ReportFile.at(path),
  );
  const files = distinctFiles([markdown ?? [], html ?? []].flat());
  if (files.length > 0) io.goOnWithoutReader();
  const tables = tablesOf(flags, io.environment);
  const changes = planChanges(await plannedStacks(flags, tables, io), tables);
  const exitCode = exitCodeOf(changes, flags);
  markdown?.add(markdownReport(changes, flags.limit));
  html?.add(htmlReport(changes, at));
  io.stdout.write(
    flags.json
      ? jsonReport(changes, at, exitCode)
      : textReport(changes, terminalOf(io.stdout, io.environment)),
  );
  saveAll(files);
  return exitCode;
}

function exitCodeOf({ stacks, risk }: PlanChanges, { detailedExitcode }: PlanFlags): number {
  if (stacks.some(({ status }) => status !== "planned")) return EXIT.NOT_CHECKED;
  return detailedExitcode && risk !== "none" ? EXIT.CHANGES : EXIT.OK;
}
