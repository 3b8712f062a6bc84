import { randomBytes } from "node:crypto";
import {
  accessSync,
  chmodSync,
  constants,
  lstatSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { CliError } from "../errors/cli-error";
import { orUnwritable, type Unwritable } from "../errors/unwritable";

const UNWRITABLE: Unwritable = {
  what: "The report",
  remedy: "Make the file or its directory, or give another file.",
};

/** A report in a file, which is replaced as a whole: readers find the complete report, or the previous one. */
export class ReportFile {
  #text = "";

  private constructor(
    /** Where it is written: without symbolic links, unless it is a device or a pipe. */
    readonly target: string,
    private readonly isReplaced: boolean,
  ) {}

  /**
   * Checks that the file can be written, before the report exists.
   *
   * @throws CliError `CLI_FILE_UNWRITABLE`
   */
  static at(path: string): ReportFile {
    return orUnwritable(UNWRITABLE, () => {
      if (path === "") throw new Error("the path is empty");
      // Follows links as the system allows it here (fs.protected_symlinks).
      const found = statSync(path, { throwIfNoEntry: false });
      if (found?.isDirectory()) throw new Error(`${path} is a directory`);
      // The link would be replaced. To follow it by hand would lead where the system does not allow it.
      if (found === undefined && isLink(path))
        throw new Error(`${path} is a symbolic link that leads nowhere`);
      // A device or a pipe is written to: it must not become a file.
      const isReplaced = found === undefined || found.isFile();
      // The pipe behind /dev/stdout has no path of its own.
      const target = isReplaced ? placeOf(path, found !== undefined) : path;
      accessSync(isReplaced ? dirname(target) : target, constants.W_OK);
      return new ReportFile(target, isReplaced);
    });
  }

  /** Appends to the report. */
  readonly add = (text: string): void => {
    this.#text += text;
  };

  /** @throws CliError `CLI_FILE_UNWRITABLE` */
  save(): void {
    orUnwritable(UNWRITABLE, () => {
      if (this.isReplaced) replace(this.target, this.#text);
      else writeFileSync(this.target, this.#text);
    });
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function placeOf(path: string, isThere: boolean): string {
  return isThere ? realpathSync(path) : join(realpathSync(dirname(path)), basename(path));
}

/**
 * Refuses two reports in one file.
 *
 * @throws CliError `CLI_OPTION`
 */
export function distinctFiles(files: readonly ReportFile[]): readonly ReportFile[] {
  const targets = files.map(({ target }) => target);
  const twice = targets.find((target, index) => targets.indexOf(target) !== index);
  if (twice === undefined) return files;
  throw new CliError(
    "CLI_OPTION",
    `Two reports would be written to ${twice}.`,
    "Give each a file of its own.",
  );
}

/**
 * Saves each that can be saved.
 *
 * @throws CliError `CLI_FILE_UNWRITABLE` of the first that cannot
 */
export function saveAll(files: readonly ReportFile[]): void {
  const errors = files.flatMap((file) => {
    try {
      file.save();
      return [];
    } catch (error) {
      return [error];
    }
  });
  if (errors.length > 0) throw errors[0];
}

const NEW_FILE = 0o666;
const PERMISSIONS = 0o777;

/** Those who may read the file may read the new one. */
function replace(target: string, text: string): void {
  // `wx` neither overwrites a file nor follows a link that another user may have created at that name.
  const temporary = `${target}.${randomBytes(8).toString("hex")}.tmp`;
  const before = statSync(target, { throwIfNoEntry: false });
  const mode = before === undefined ? NEW_FILE : before.mode & PERMISSIONS;
  try {
    writeFileSync(temporary, text, { flag: "wx", mode });
    // The mask of the process does not apply to a file that is there.
    if (before !== undefined) chmodSync(temporary, mode);
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
