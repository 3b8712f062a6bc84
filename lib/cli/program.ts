import { Command, CommanderError, Option } from "commander";
import { MailSniError } from "../shared/errors";
import { CliError } from "./errors/cli-error";
import { EXIT } from "./exit-code";
import type { Io } from "./io";
import { parseConnect, parseNumber, parsePorts } from "./verify/options";
import { type VerifyFlags, verify } from "./verify-command";

/** The commands and their options. Help, completion and manual page are made of it. */
export function program(io: Io, version: string): { command: Command; exitCode: () => number } {
  let exitCode: number = EXIT.OK;
  const command = new Command("mail-sni")
    .description("Checks what mail servers present for each name (SNI).")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .addHelpText("after", EXIT_CODES)
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride();
  command
    .command("verify")
    .summary("check that every name is served its own certificate")
    .description(
      "Asks every endpoint of sni-table.json for every name, as a mail client does, and says what is wrong with what it is presented. With names and without --table it needs no project: each name has to be served a certificate that is for it.",
    )
    .argument("[names...]", "names to ask for; all of the table where none is given")
    .option(
      "-c, --connect <address>",
      "connect to ADDRESS, or HOST=ADDRESS, instead of what DNS has; may be repeated",
      collected(parseConnect),
    )
    .option("-p, --ports <list>", "ask these ports alone, such as 993,2525:smtp", parsePorts)
    .option(
      "-t, --table <file>",
      "table of who is served what (default: sni-table.json, where no names are given)",
    )
    .option(
      "-f, --facts <file>",
      "what `terraform output -json` wrote: fingerprints of the current certificates",
    )
    .option("--ca <file>", "trust the certificates in this PEM file too; may be repeated", collected(String))
    .option("--no-system-roots", "trust the certificates of --ca alone")
    .option("--deep", "ask for every name in capital letters, with TLS 1.2 and with TLS 1.3 too")
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
    .option("--json", "write one JSON document instead of text")
    .option("--junit <file>", "write a JUnit report too")
    .option("--open-metrics <file>", "write metrics for Prometheus too")
    .option("--show-commands", "print the `openssl s_client` line of each handshake, and ask nothing")
    .option("-v, --verbose", "show what is right too")
    .action(async (names: string[], flags: VerifyFlags) => {
      exitCode = await verify(names, flags, io);
    });
  return { command, exitCode: () => exitCode };
}

const EXIT_CODES = `
Exit status:
  0  all is well
  1  something is wrong: at least one error
  2  nothing could be looked at, or the command was not understood
`;

/** Of an option that may be given several times. */
function collected<T>(parse: (text: string) => T): (text: string, before: T[] | undefined) => T[] {
  return (text, before = []) => [...before, parse(text)];
}

/** Runs a command line, and tells the exit status. What goes wrong is said on standard error. */
export async function run(args: readonly string[], io: Io, version: string): Promise<number> {
  const { command, exitCode } = program(io, version);
  try {
    await command.parseAsync([...args], { from: "user" });
    return exitCode();
  } catch (error) {
    // It has said already what it has to say; help and version are no mistakes.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.OK : EXIT.NOT_LOOKED;
    if (!(error instanceof CliError) && !(error instanceof MailSniError)) throw error;
    io.stderr.write(`mail-sni: ${error.message}\n`);
    return EXIT.NOT_LOOKED;
  }
}
