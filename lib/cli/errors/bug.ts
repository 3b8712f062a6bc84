import { MailSniError } from "../../shared/errors";
import { printable } from "../../shared/text/printable";
import { truncated } from "../../shared/text/truncated";
import { CliError } from "./cli-error";

const MOST_CHARACTERS = 300;

/** Whether an error says what to do about it. Any other is unexpected. */
export function isTyped(error: unknown): error is CliError | MailSniError {
  return error instanceof CliError || error instanceof MailSniError;
}

/** The one line for an unexpected error. */
export function bugLine(error: unknown, version: string): string {
  const shown = truncated(String(error), MOST_CHARACTERS);
  const { message } = new CliError(
    "CLI_BUG",
    `This is a bug in mail-sni ${version}: ${shown}.`,
    "Report it, with what MAIL_SNI_DEBUG=1 makes it print.",
  );
  return message;
}

/**
 * The message for an unexpected error: one line, and the stack trace if the environment variable `MAIL_SNI_DEBUG` is
 * set.
 */
export function bugReport(error: unknown, environment: NodeJS.ProcessEnv, version: string): string {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const isDebug = (environment.MAIL_SNI_DEBUG ?? "") !== "" && environment.MAIL_SNI_DEBUG !== "0";
  return `mail-sni: ${bugLine(error, version)}\n${isDebug ? `${printable(stack)}\n` : ""}`;
}
