import { Command, Option } from "commander";
import { withProjectOptions } from "../inputs/project-options";
import type { Io } from "../process/io";
import { type DoctorFlags, doctor } from "./doctor";

/**
 * The command `doctor` and its options.
 *
 * @param finished is called with the exit status
 */
export function doctorCommand(io: Io, finished: (exitCode: number) => void): Command {
  const command = new Command("doctor")
    .summary("find what would break a deploy, and how to fix it")
    .description(
      "Checks everything that a deploy needs: the engine, Node.js, the provider beside each stack, the state, the hosts, DNS and the CA. Changes nothing, except with --write-probe. Exit status 0: a deploy would work, perhaps with warnings; 1: it would fail; 2: nothing could be checked.",
    );
  return withProjectOptions(command)
    .option("--no-hosts", "connect to no host")
    .option("--offline", "check only this machine: connect to no host, no DNS server and no CA")
    .addOption(
      new Option(
        "--write-probe",
        "write a random file below each webroot, fetch it on port 80 of each name, and remove it",
      ).conflicts(["offline", "hosts"]),
    )
    .option("--json", "write one JSON document instead of text")
    .option("-v, --verbose", "show what is right, and what was skipped, too")
    .action(async (flags: DoctorFlags) => {
      finished(await doctor(flags, io));
    });
}
