import { Command, CommanderError, Help } from "commander";
import { printable } from "../shared/text/printable";
import { doctorCommand } from "./doctor/command";
import { ejectCommand } from "./eject/command";
import { bugReport, isTyped } from "./errors/bug";
import { importCommand } from "./import/command";
import { planCommand } from "./plan/command";
import { EXIT, EXIT_MEANINGS } from "./process/exit-code";
import type { Io } from "./process/io";
import { completionCommand } from "./reference/command";
import { renewCommand } from "./renew/command";
import { statusCommand } from "./status/command";
import { verifyCommand } from "./verify/command";

/** The commands and their options: the source of help, completion and manual page. */
export function program(io: Io, version: string): { command: Command; exitCode: () => number } {
  let exitCode: number = EXIT.OK;
  const command = new Command("mail-sni")
    .description("Checks the certificates of mail domains (SNI), and what mail servers present.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .addHelpText("after", EXIT_CODES)
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      // Its errors repeat arguments, which may come from a file or another program.
      writeErr: (text) => io.stderr.write(printable(text)),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .showHelpAfterError("mail-sni --help lists the commands.")
    .exitOverride();
  const finished = (status: number) => {
    exitCode = status;
  };
  for (const subcommand of [
    verifyCommand(io, finished),
    statusCommand(io, finished),
    planCommand(io, finished),
    renewCommand(io, finished, version),
    doctorCommand(io, finished),
    importCommand(io, finished),
    ejectCommand(io, finished),
    completionCommand(io),
  ]) {
    command.addCommand(subcommand.copyInheritedSettings(command));
    subcommand.showHelpAfterError(`mail-sni ${subcommand.name()} --help lists its arguments and options.`);
  }
  return { command, exitCode: () => exitCode };
}

/** commander wraps its own texts alone. In columns, without the indentation. */
const MEANING_WIDTH = 75;

const EXIT_CODES = `
Exit status:
${Object.entries(EXIT_MEANINGS)
  .map(
    ([status, meaning]) =>
      `  ${status}  ${new Help().boxWrap(meaning, MEANING_WIDTH).replaceAll("\n", "\n     ")}\n`,
  )
  .join("")}`;

/** Runs a command line, and returns the exit status. Errors go to standard error. */
export async function run(args: readonly string[], io: Io, version: string): Promise<number> {
  const { command, exitCode } = program(io, version);
  try {
    await command.parseAsync([...args], { from: "user" });
    return exitCode();
  } catch (error) {
    // commander has printed its message already. Help and version are not errors.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.OK : EXIT.NOT_CHECKED;
    const message = isTyped(error)
      ? `mail-sni: ${error.message}\n`
      : bugReport(error, io.environment, version);
    io.stderr.write(message);
    return EXIT.NOT_CHECKED;
  }
}
