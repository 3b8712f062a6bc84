import { accessSync, constants, existsSync, lstatSync, mkdirSync, realpathSync, type Stats } from "node:fs";
import { dirname } from "node:path";

/** A directory or a file that cannot hold a journal, because others could read or change it. */
export class Unsafe extends Error {
  override readonly name = "Unsafe";

  /**
   * @param message what is wrong, as the beginning of a sentence
   * @param remedy as a sentence
   */
  constructor(
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

/**
 * Refuses a directory that another user than root can enter, or replace.
 *
 * @param path absolute
 * @throws {Unsafe} and the errors of the file system
 */
export function refuseOpenDirectory(path: string): void {
  const found = lstatSync(path);
  if (!found.isDirectory()) throw new Unsafe(`${path} is not a directory`, "Move it away.");
  if (found.uid !== ownUid()) throw foreign(path, found);
  if ((found.mode & OTHERS) !== 0) {
    throw new Unsafe(`${path} is open to other users (mode ${octal(found)})`, `Close it: chmod 700 ${path}`);
  }
  // Both are the same, unless there are links.
  const ancestors = new Set([...ancestorsOf(path), ...ancestorsOf(realpathSync(path))]);
  ancestors.forEach(refuseReplaceable);
}

/**
 * Refuses a directory that a run could not write to: one that is not closed, that is read-only, or that is missing and could not be
 * created.
 *
 * @param path absolute
 * @param home the home directory, which is not created
 * @throws {Unsafe} and the errors of the file system
 */
export function refuseUnusableDirectory(path: string, home?: string): void {
  refuseMissingHome(home);
  if (existsSync(path)) refuseOpenDirectory(path);
  else refuseReplaceableParent(nearestOf(path));
  accessSync(nearestOf(path), constants.W_OK | constants.X_OK);
}

/** @throws {Unsafe} */
export function refuseMissingHome(home: string | undefined): void {
  if (home === undefined || existsSync(home)) return;
  throw new Unsafe(`The home directory ${home} does not exist`, "Name another directory.");
}

/**
 * Creates a directory and its parents, closed to others, as far as they are missing and where no other user could replace them. So root
 * with the home directory of another user leaves nothing there.
 *
 * @param path absolute
 * @returns what was created, outermost first
 * @throws {Unsafe} and the errors of the file system
 */
export function makePrivateDirectory(path: string): readonly string[] {
  if (existsSync(path)) return [];
  const parent = dirname(path);
  const made = makePrivateDirectory(parent);
  refuseReplaceableParent(parent);
  make(path);
  return [...made, path];
}

/** Not with `recursive`: below /proc that never ends. */
function make(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process has made it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** Why a file in a closed directory is not an entry that this user has written; undefined if it is. */
export function fileFault(found: Stats, most: number): string | undefined {
  if (!found.isFile()) return "it is not a file";
  if (found.uid !== ownUid()) return `it belongs to another user (uid ${found.uid})`;
  if ((found.mode & OTHERS) !== 0) return `it is open to other users (mode ${octal(found)})`;
  if (found.nlink > 1) return "it has another name elsewhere (a hard link)";
  if (found.size > most) return `it has ${found.size} bytes`;
  return undefined;
}

/** Read, write or enter, for the group or others. */
const OTHERS = 0o077;
const WRITABLE_FOR_ALL = 0o002;
/** Users cannot rename or remove the entries of others. */
const STICKY = 0o1000;

/** Of a directory that is created in it. */
function refuseReplaceableParent(parent: string): void {
  for (const each of [parent, realpathSync(parent)]) [each, ...ancestorsOf(each)].forEach(refuseReplaceable);
}

/** The directory itself, or the nearest one above it that exists. */
function nearestOf(path: string): string {
  return existsSync(path) ? path : nearestOf(dirname(path));
}

/** Of groups it is not known who is in them: some users have one of their own. */
function refuseReplaceable(path: string): void {
  const found = lstatSync(path);
  if (found.uid !== 0 && found.uid !== ownUid()) throw foreign(path, found);
  if (found.isSymbolicLink() || (found.mode & WRITABLE_FOR_ALL) === 0 || (found.mode & STICKY) !== 0) return;
  throw new Unsafe(
    `${path} is writable for all users, who could replace what is below it`,
    `Make it writable for its owner only: chmod o-w ${path}`,
  );
}

function foreign(path: string, { uid }: Stats): Unsafe {
  return new Unsafe(
    `${path} belongs to another user (uid ${uid})`,
    "Name a directory of the user who runs the engine.",
  );
}

function ancestorsOf(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...ancestorsOf(parent)];
}

/** Where there are no users, as on Windows, all files have the number 0. */
function ownUid(): number {
  return process.getuid?.() ?? 0;
}

function octal({ mode }: Stats): string {
  return (mode & 0o7777).toString(8).padStart(4, "0");
}
