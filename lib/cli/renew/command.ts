import { Command, Option } from "commander";
import { CliError } from "../errors/cli-error";
import { withProjectOptions } from "../inputs/project-options";
import { withRootOptions } from "../inputs/root-options";
import { parseDuration } from "../options/duration";
import { parseNumber } from "../options/number";
import type { Io } from "../process/io";
import type { RenewFlags } from "./flags";
import { renew } from "./renew";

const DAY_MS = 86_400_000;

/** @throws CliError `CLI_OPTION` for an empty command, as of a variable that is not set: it would tell of nothing, and succeed */
function parseNotifier(text: string): string {
  if (text.trim() !== "") return text;
  throw new CliError("CLI_OPTION", "--notify is empty.", "Give a shell command, or leave the option out.");
}

/**
 * The command `renew` and its options.
 *
 * @param finished is called with the exit status
 * @param version of this program, for reports of bugs
 */
export function renewCommand(io: Io, finished: (exitCode: number) => void, version: string): Command {
  const command = new Command("renew")
    .summary("renew what is due, and apply nothing else")
    .description(
      "Plans each stack, applies the plan if it only does what may happen unattended, and then verifies what is served. It may reissue certificates that are due and write them to the hosts, complete what is pending there, and restore what is missing there. If a plan has any other change, nothing of it is applied.",
    )
    .addOption(
      new Option(
        "--from <directory>",
        "plan a copy of what was deployed last: cdktf.out and sni-table.json",
      ).conflicts(["project", "table"]),
    );
  withProjectOptions(command, { facts: false }).option("--no-verify", "do not ask the hosts what they serve");
  return withRootOptions(command)
    .addOption(
      new Option("--lock-timeout <seconds>", "how long to wait for the lock of the state")
        .argParser(parseNumber("--lock-timeout", 0, 86_400))
        .default(300),
    )
    .addOption(
      new Option(
        "--run-interval <duration>",
        "how often this command runs, such as 12h or 7d: a renewal that is late by more than two intervals is an error",
      )
        .argParser(parseDuration("--run-interval"))
        .default(DAY_MS, "1d"),
    )
    .addOption(
      new Option(
        "--warn-days <number>",
        "a certificate that is due and expires within this number of days is an error",
      )
        .argParser(parseNumber("--warn-days", 0, 366))
        .default(7),
    )
    .addOption(
      new Option(
        "--notify <command>",
        "run this shell command with the report on its standard input if the exit status is not 0",
      ).argParser(parseNotifier),
    )
    .option("--json", "write one JSON document instead of text")
    .action(async (flags: RenewFlags) => {
      finished(await renew(flags, io, version));
    });
}
