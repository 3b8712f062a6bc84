import { Command, Option } from "commander";
import { withProjectOptions } from "../inputs/project-options";
import { parseNumber } from "../options/number";
import type { Io } from "../process/io";
import type { PlanFlags } from "./options/flags";
import { collectSaved } from "./options/saved";
import { plan } from "./plan";
import { GITHUB_LIMIT, SMALLEST_LIMIT } from "./reports/markdown/markdown";

const HIGHEST_LIMIT = 100_000_000;

/**
 * The command `plan` and its options.
 *
 * @param finished is called with the exit status
 */
export function planCommand(io: Io, finished: (exitCode: number) => void): Command {
  const command = new Command("plan")
    .summary("show what a change does to whose mail, for its review")
    .description(
      "Plans all stacks and says what a deploy would do: to which domains, on which hosts, and which names are served differently than now. Nothing is changed or locked, and no value of a state is shown.",
    );
  return withProjectOptions(command, { facts: false })
    .option(
      "--base-table <file>",
      "table of the target branch, to see which names are served differently: git show origin/main:sni-table.json",
    )
    .option(
      "--saved <stack=file>",
      "do not plan this stack: read a saved plan, or the output of `terraform show -json` for it; may be repeated",
      collectSaved,
    )
    .option(
      "--no-refresh",
      "connect to no host and no CA: the report then shows no drift, and no renewal that became due since the last refresh",
    )
    .option("--markdown <file>", "also write a comment for a pull request or merge request")
    .addOption(
      new Option("--limit <characters>", "leave out the least important rows of a longer comment")
        .argParser(parseNumber("--limit", SMALLEST_LIMIT, HIGHEST_LIMIT))
        .default(GITHUB_LIMIT),
    )
    .option("--html <file>", "also write the report as an HTML page")
    .option("--json", "write one JSON document instead of text")
    .option("--detailed-exitcode", "exit with status 3 if there is something to do")
    .action(async (flags: PlanFlags) => {
      finished(await plan(flags, io));
    });
}
