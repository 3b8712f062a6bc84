import { join } from "node:path";

/** In bytes: that of sun_path, less the terminating NUL (unix(7)); 104 bytes on macOS. */
export const LONGEST_SOCKET_PATH = process.platform === "linux" ? 107 : 103;
/** What mkdtemp(3) puts behind a prefix has as many characters. */
const MKDTEMP_SUFFIX = "XXXXXX";

/** Whether a socket in a directory that mkdtemp makes below `parent` has a path that is short enough. */
export function fitsSocketPath(parent: string, prefix: string, name: string): boolean {
  return Buffer.byteLength(join(parent, prefix + MKDTEMP_SUFFIX, name)) <= LONGEST_SOCKET_PATH;
}
