import { CliError } from "./cli-error";

/** That standard output cannot be written, such as to a disk that is full. */
export function unwritableOutput({ message }: Error): CliError {
  return new CliError(
    "CLI_FILE_UNWRITABLE",
    `The report cannot be written to standard output: ${message}.`,
    "Write it to another place.",
  );
}
