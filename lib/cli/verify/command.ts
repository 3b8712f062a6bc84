import { Command, Option } from "commander";
import { withProjectOptions } from "../inputs/project-options";
import { withRootOptions } from "../inputs/root-options";
import { collected } from "../options/collected";
import { parseNumber } from "../options/number";
import type { Io } from "../process/io";
import { parseConnect, parsePorts } from "./questions/option-values";
import { type VerifyFlags, verify } from "./verify";

/**
 * The command `verify` and its options.
 *
 * @param finished is called with the exit status
 */
export function verifyCommand(io: Io, finished: (exitCode: number) => void): Command {
  const command = new Command("verify")
    .summary("check that every name is served the right certificate")
    .description(
      "Asks every endpoint of the project for every name, as a mail client does, and says what is wrong with what it is presented. With names, and without --table and --project, it needs no project: each name has to be served a certificate that is for it.",
    )
    .argument("[names...]", "names to ask for (default: all that the project has)")
    .option(
      "-c, --connect <address>",
      "connect to ADDRESS, or HOST=ADDRESS, instead of what DNS has; may be repeated",
      collected(parseConnect),
    )
    .addOption(
      new Option(
        "--through-ssh",
        "connect from each host itself, over SSH as deploys do, to what its services listen on",
      ).conflicts(["connect", "showCommands"]),
    )
    .option("-p, --ports <list>", "ask these ports alone, such as 993,2525:smtp", parsePorts);
  withProjectOptions(command).option(
    "--no-facts",
    "run no engine, and connect to no host by SSH: do not compare certificates with the current ones",
  );
  command.addOption(
    new Option(
      "--no-ssh",
      "do not ask hosts that issue certificates themselves which ones they have installed",
    ).conflicts("throughSsh"),
  );
  return withRootOptions(command)
    .option("--deep", "ask for every name in capital letters, with TLS 1.2 and with TLS 1.3 too")
    .option("--revocation", "ask the CAs' lists too whether a certificate has been revoked")
    .addOption(
      new Option("--connections <number>", "open so many connections to an address at a time")
        .argParser(parseNumber("--connections", 1, 100))
        .default(4),
    )
    .addOption(
      new Option("--timeout <seconds>", "wait so long for a handshake, a slow greeting included")
        .argParser(parseNumber("--timeout", 1, 600))
        .default(15),
    )
    .addOption(
      new Option("-w, --watch [seconds]", "check again so long after each run, and show what has changed")
        .argParser(parseNumber("--watch", 1, 86_400))
        .preset("60")
        .conflicts("json"),
    )
    .option("--json", "write one JSON document instead of text")
    .option("--junit <file>", "write a JUnit report too")
    .option("--html <file>", "also write the report as an HTML page: one file, errors first")
    .option("--open-metrics <file>", "write metrics for Prometheus too")
    .option("--show-commands", "print the `openssl s_client` line of each handshake, and ask nothing")
    .option("-v, --verbose", "give each handshake a line, also those that are right")
    .action(async (names: string[], flags: VerifyFlags) => {
      finished(await verify(names, flags, io));
    });
}
