import { Command, Option } from "commander";
import { withProjectOptions } from "../inputs/project-options";
import { collected } from "../options/collected";
import { parseDuration } from "../options/duration";
import { parseNumber } from "../options/number";
import type { Io } from "../process/io";
import type { RenewFlags } from "./flags";
import { renew } from "./renew";

const DAY_MS = 86_400_000;

/**
 * The command `renew` and its options.
 *
 * @param finished is called with the exit status
 */
export function renewCommand(io: Io, finished: (exitCode: number) => void): Command {
  const command = new Command("renew")
    .summary("renew what is due, and apply nothing else")
    .description(
      "Plans each stack, applies the plan if it does nothing but what may happen unattended (renewals that are due, with their files, what is pending on hosts, what is missing there), and verifies what is served then. Any other change refuses the plan of its stack as a whole.",
    )
    .addOption(
      new Option(
        "--from <directory>",
        "plan the tree that was deployed last: a copy of cdktf.out, with sni-table.json",
      ).conflicts(["project", "table"]),
    );
  return withProjectOptions(command, { facts: false })
    .option("--no-verify", "do not ask the hosts what they serve")
    .option("--ca <file>", "trust the certificates in this PEM file too; may be repeated", collected(String))
    .option("--no-system-roots", "trust the certificates of --ca alone")
    .addOption(
      new Option("--lock-timeout <seconds>", "wait so long for a lock of the state")
        .argParser(parseNumber("--lock-timeout", 0, 86_400))
        .default(300),
    )
    .addOption(
      new Option(
        "--run-interval <duration>",
        "how often this runs, such as 12h or 7d: a renewal that is late by more than two of them is an error",
      )
        .argParser(parseDuration("--run-interval"))
        .default(DAY_MS, "1d"),
    )
    .addOption(
      new Option("--warn-days <number>", "a certificate that is due and ends within so many days is an error")
        .argParser(parseNumber("--warn-days", 0, 366))
        .default(7),
    )
    .option("--notify <command>", "give the report to this shell command if the exit status is not 0")
    .option("--json", "write one JSON document instead of text")
    .action(async (flags: RenewFlags) => {
      finished(await renew(flags, io));
    });
}
