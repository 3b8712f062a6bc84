import { mkdtempSync } from "node:fs";
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
 * name a directory that is missing, or that this user cannot write to.
 *
 * @throws what was wrong with the last of them
 */
export function makeSocketDirectory(parents: readonly string[], prefix: string): string {
  const [parent = "/", ...others] = parents;
  try {
    return mkdtempSync(join(resolve(parent), prefix));
  } catch (error) {
    if (others.length === 0) throw error;
    return makeSocketDirectory(others, prefix);
  }
}
