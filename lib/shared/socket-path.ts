import { mkdtempSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

/**
 * The maximum length of a socket's path, in bytes: that of sun_path less the terminating NUL (unix(7)); 104
 * bytes on macOS.
 */
export const LONGEST_SOCKET_PATH = process.platform === "linux" ? 107 : 103;
/** As many characters as mkdtemp(3) appends to a prefix. */
const MKDTEMP_SUFFIX = "XXXXXX";

/** Whether the path of a socket, in a directory that mkdtemp creates below `parent`, is short enough. */
export function fitsSocketPath(parent: string, prefix: string, name: string): boolean {
  return Buffer.byteLength(join(parent, prefix + MKDTEMP_SUFFIX, name)) <= LONGEST_SOCKET_PATH;
}

/**
 * Creates a directory that only this user can enter, in the first of `parents` that allows it: `TMPDIR` may
 * name a directory that does not exist or that this user cannot write to. A parent in which other users could
 * replace the directory comes last: a socket of theirs would receive keys.
 *
 * @throws the error of the last parent
 */
export function makeSocketDirectory(parents: readonly string[], prefix: string): string {
  const absolute = parents.map((parent) => resolve(parent));
  const all = [...absolute.filter((parent) => !isOpen(parent)), ...absolute.filter(isOpen)];
  for (const [index, parent] of all.entries()) {
    try {
      return mkdtempSync(join(parent, prefix));
    } catch (error) {
      if (index === all.length - 1) throw error;
    }
  }
  throw new RangeError("No directory was given.");
}

/** Whether other users can rename the directory's entries: they may write to it, and it has no sticky bit. */
export function isOpen(directory: string): boolean {
  try {
    const { mode } = statSync(directory);
    return (mode & 0o022) !== 0 && (mode & 0o1000) === 0;
  } catch {
    // Nothing can be created in it either.
    return false;
  }
}
