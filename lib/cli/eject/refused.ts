import { CliError } from "../errors/cli-error";

/** That an option cannot be used with this host. */
export function refused(problem: string, remedy: string): CliError {
  return new CliError("CLI_OPTION", problem, remedy);
}
