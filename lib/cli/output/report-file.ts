import { randomBytes } from "node:crypto";
import { accessSync, constants, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { CliError } from "../errors/cli-error";

/** A report in a file. Whoever reads the file finds the whole report, or the one before. */
export class ReportFile {
  #text = "";

  private constructor(
    /** Where it is written, without symbolic links. */
    readonly target: string,
    private readonly isReplaced: boolean,
  ) {}

  /**
   * Checks that the file can be written, before there is anything to write.
   *
   * @throws CliError `CLI_FILE_UNWRITABLE`
   */
  static at(path: string): ReportFile {
    return orUnwritable(() => {
      // Follows links as the system allows it here (fs.protected_symlinks).
      const found = statSync(path, { throwIfNoEntry: false });
      if (found?.isDirectory()) throw new Error(`${path} is a directory`);
      // A device or a pipe is written to: it must not become a file.
      const isReplaced = found === undefined || found.isFile();
      const target =
        found === undefined ? join(realpathSync(dirname(path)), basename(path)) : realpathSync(path);
      accessSync(isReplaced ? dirname(target) : target, constants.W_OK);
      return new ReportFile(target, isReplaced);
    });
  }

  /** Adds to the report. */
  readonly add = (text: string): void => {
    this.#text += text;
  };

  /** @throws CliError `CLI_FILE_UNWRITABLE` */
  save(): void {
    orUnwritable(() => {
      if (this.isReplaced) replace(this.target, this.#text);
      else writeFileSync(this.target, this.#text);
    });
  }
}

function replace(target: string, text: string): void {
  // Nobody else can have a file of that name, or a link: `wx` follows none.
  const temporary = `${target}.${randomBytes(8).toString("hex")}.tmp`;
  try {
    writeFileSync(temporary, text, { flag: "wx" });
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function orUnwritable<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new CliError(
      "CLI_FILE_UNWRITABLE",
      `The report cannot be written: ${(error as Error).message}.`,
      "Make the directory, or give another file.",
    );
  }
}
