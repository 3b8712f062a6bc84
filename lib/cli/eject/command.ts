import { Command } from "commander";
import { withProjectOptions } from "../inputs/project-options";
import type { Io } from "../process/io";
import { type EjectFlags, eject } from "./eject";

/**
 * The command `eject` and its options.
 *
 * @param finished is called with the exit status
 */
export function ejectCommand(io: Io, finished: (exitCode: number) => void): Command {
  const command = new Command("eject")
    .summary("leave: have a host keep everything, and work without this package")
    .description(
      "Prints, step by step, how a host keeps its certificates and its servers' configuration when it is no longer declared: what is done on the host, what to remove from the program, and what to remove from the state. With --yes it does the part on the host. Nothing that a mail server reads is changed. Exit status 0: printed, and done with --yes; 1: a part of it could not be done; 2: nothing could be done.",
    )
    .argument("<host>", "the host, as the stack names it");
  return withProjectOptions(command, { facts: false })
    .option("--dehydrated", "also have plain dehydrated renew the certificates on the host from now on")
    .option(
      "--webroot <directory>",
      "with --dehydrated: what a web server there serves on port 80 (default: as declared)",
    )
    .option(
      "--dns-hook <path>",
      "with --dehydrated: prove names by DNS, with this hook for dehydrated on the host",
    )
    .option("--ca <url>", "with --dehydrated: the ACME directory (default: as declared, then Let's Encrypt)")
    .option("--contact <address>", "with --dehydrated: the address for the account with the CA")
    .option(
      "--directory <path>",
      "with --dehydrated: where its configuration is written",
      "/etc/mail-renewal",
    )
    .option(
      "--work-directory <path>",
      "with --dehydrated: where it keeps certificates",
      "/var/lib/mail-renewal",
    )
    .option("--cron-file <path>", "with --dehydrated: what starts it twice a day", "/etc/cron.d/mail-renewal")
    .option("--yes", "do the part on the host, instead of only printing it")
    .action(async (host: string, flags: EjectFlags) => {
      finished(await eject(host, flags, io));
    });
}
