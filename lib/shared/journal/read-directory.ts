import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { JsonError } from "../json/json-error";
import { printableLine } from "../text/printable";
import { type JournalEntry, LONGEST_ENTRY, parseLatest } from "./entry";
import type { Holder } from "./holder";
import { fileFault } from "./private-directory";

/** An entry in a directory. */
export interface EntryFile {
  /** The file's name. */
  readonly name: string;
  readonly entry: JournalEntry;
  /** The process that works on it, or did. */
  readonly holder: Holder;
}

export interface DirectoryContents {
  readonly files: readonly EntryFile[];
  /** Files that are not taken for entries, each with the reason, as a sentence without its full stop. */
  readonly ignored: readonly string[];
  /** Names of files that a process has not finished writing, or never will. */
  readonly unfinished: readonly string[];
}

/** More than a stack of a thousand domains orders between two plans. */
const MOST_FILES = 20_000;

/** ID.PID-START, and `.new` at the end until it is written. */
const NAME = /^([0-9a-f]{16})\.(\d{1,10})-(\d{1,15})(\.new)?$/;

export function entryFileName(id: string, { pid, start }: Holder): string {
  return `${id}.${pid}-${start}`;
}

/** The process of a file's name; null if it is not the name of an entry. */
export function holderOf(name: string): Holder | null {
  const [, , pid, start] = NAME.exec(name) ?? [];
  return pid === undefined ? null : { pid: Number(pid), start: Number(start) };
}

/**
 * Reads the entries in a directory that `refuseOpenDirectory` has accepted. What is wrong with a file never quotes it.
 *
 * @throws the errors of the file system about the directory
 */
export function readJournalDirectory(directory: string): DirectoryContents {
  const names = readdirSync(directory).filter((name) => NAME.test(name));
  const unfinished = names.filter((name) => name.endsWith(".new"));
  const files: EntryFile[] = [];
  const ignored: string[] = [];
  const finished = names.filter((name) => !name.endsWith(".new"));
  const unread = finished.splice(MOST_FILES).length;
  if (unread > 0) ignored.push(printableLine(`${directory}: ${unread} entries more than can be read`));
  for (const name of finished) {
    const read = entryIn(join(directory, name), name);
    if (typeof read === "string") ignored.push(printableLine(read));
    else if (read !== null) files.push(read);
  }
  return { files, ignored, unfinished };
}

/** The reason if the file is not an entry; null if the file is gone. */
function entryIn(path: string, name: string): EntryFile | string | null {
  try {
    const entry = parseLatest(contentsOf(path));
    const holder = holderOf(name);
    if (holder === null || !name.startsWith(`${entry.id}.`))
      return `${path}: it has the name of another entry`;
    return { name, entry, holder };
  } catch (error) {
    if (error instanceof JsonError) {
      return `${path}: it is not an entry${error.at === "" ? "" : ` (${error.at})`}`;
    }
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? null : `${path}: ${message}`;
  }
}

/** Neither follows a link nor hangs on a pipe. */
function contentsOf(path: string): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const fault = fileFault(fstatSync(file), LONGEST_ENTRY * 4);
    if (fault !== undefined) throw new Error(fault);
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}
