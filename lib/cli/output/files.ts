import { renameSync, writeFileSync } from "node:fs";
import { CliError } from "../errors/cli-error";

/**
 * Writes a report so that who reads it finds all of it, or the one before.
 *
 * @throws CliError `CLI_FILE_UNWRITABLE`
 */
export function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    throw new CliError(
      "CLI_FILE_UNWRITABLE",
      `The report cannot be written: ${(error as Error).message}.`,
      "Make the directory, or give another file.",
    );
  }
}
