import { printableLine } from "../../shared/text/printable";
import { truncated } from "../../shared/text/truncated";

/** The codes of errors that keep a command from starting or from succeeding. Codes are stable: docs/cli.md lists them. */
export const CLI_ERROR_CODES = [
  "CLI_OPTION",
  "CLI_PROJECT_MISSING",
  "CLI_PROJECT_INVALID",
  "CLI_NOT_SYNTHESIZED",
  "CLI_STACK_UNKNOWN",
  "CLI_STATE_COPIED",
  "CLI_ENGINE_MISSING",
  "CLI_ENGINE_FAILED",
  "CLI_NOT_DEPLOYED",
  "CLI_TABLE_MISSING",
  "CLI_TABLE_INVALID",
  "CLI_NAME_UNKNOWN",
  "CLI_FACTS_UNREADABLE",
  "CLI_FACTS_INVALID",
  "CLI_CA_UNREADABLE",
  "CLI_PLAN_INVALID",
  "CLI_PLAN_UNSUPPORTED",
  "CLI_HOST_UNKNOWN",
  "CLI_HOST_UNREACHABLE",
  "CLI_HOST_TOOLS",
  "CLI_NOTHING_FOUND",
  "CLI_STATE_INVALID",
  "CLI_FILE_UNWRITABLE",
  "CLI_BUG",
] as const;

export type CliErrorCode = (typeof CLI_ERROR_CODES)[number];

/** Ends a command with exit status 2. */
export class CliError extends Error {
  override readonly name = "CliError";

  /**
   * @param problem the given value and what is wrong with it
   * @param remedy what to write or do instead
   */
  constructor(
    readonly code: CliErrorCode,
    readonly problem: string,
    readonly remedy: string,
  ) {
    super(`${cut(problem)} ${cut(remedy)} [${code}]`);
  }
}

/** Names of stacks and files come from outside, and may have megabytes. */
const MOST_CHARACTERS = 2000;

/** A character that is escaped has six, so it is cut once more. */
function cut(text: string): string {
  return truncated(printableLine(truncated(text, MOST_CHARACTERS)), MOST_CHARACTERS);
}
