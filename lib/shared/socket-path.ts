import { mkdtempSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

/** In bytes: that of sun_path, less the terminating NUL (unix(7)); 104 bytes on macOS. */
export const LONGEST_SOCKET_PATH = process.platform === "linux" ? 107 : 103;
/** What mkdtemp(3) puts behind a prefix has as many characters. */
const MKDTEMP_SUFFIX = "XXXXXX";

/** Whether a socket in a directory that mkdtemp makes below `parent` has a path that is short enough. */
export function fitsSocketPath(parent: string, prefix: string, name: string): boolean {
  return Buffer.byteLength(join(parent, prefix + MKDTEMP_SUFFIX, name)) <= LONGEST_SOCKET_PATH;
}

/**
 * Makes a fresh directory that only this user can enter, in the first of `parents` where that is possible: a `TMPDIR` may
 * name a directory that is missing, or that this user cannot write to. A directory in which others could exchange it for one
 * with a socket of theirs, which would be told keys, comes last.
 *
 * @throws what was wrong with the last of them
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

/** Whether others can rename what is in a directory: its mode lets them write, and it has no sticky bit. */
function isOpen(directory: string): boolean {
  try {
    const { mode } = statSync(directory);
    return (mode & 0o022) !== 0 && (mode & 0o1000) === 0;
  } catch {
    // Nothing can be made in it either.
    return false;
  }
}
