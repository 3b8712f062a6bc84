import { CliError } from "./cli-error";

/** What cannot be written, and what to do about it. */
export interface Unwritable {
  /** The subject of the sentence, such as "The report". */
  readonly what: string;
  readonly remedy: string;
}

/** @throws CliError `CLI_FILE_UNWRITABLE` in place of what `work` throws */
export function orUnwritable<T>({ what, remedy }: Unwritable, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new CliError(
      "CLI_FILE_UNWRITABLE",
      `${what} cannot be written: ${(error as Error).message}.`,
      remedy,
    );
  }
}
