import { Command, Option } from "commander";
import { withProjectOptions } from "../inputs/project-options";
import { parseDuration } from "../options/duration";
import type { Io } from "../process/io";
import { type StatusFlags, status } from "./status";

const DAY_MS = 86_400_000;

/**
 * The command `status` and its options.
 *
 * @param finished is called with the exit status
 */
export function statusCommand(io: Io, finished: (exitCode: number) => void): Command {
  const command = new Command("status")
    .summary("show which certificates are due, overdue or expired, and what is pending on hosts")
    .description(
      "Shows on one screen what the public facts of the last deploy say: domains, issuers, the time that is left, the next renewal, and what is pending on which host. No host and no CA is connected.",
    );
  return withProjectOptions(command)
    .addOption(
      new Option(
        "--run-interval <duration>",
        "how often cdktf deploy runs, such as 12h or 7d: a renewal that is late by more than two of them is overdue",
      )
        .argParser(parseDuration("--run-interval"))
        .default(DAY_MS, "1d"),
    )
    .option("-a, --all", "show each domain, and everything that is pending")
    .option("--json", "write one JSON document instead of text")
    .action(async (flags: StatusFlags) => {
      finished(await status(flags, io));
    });
}
