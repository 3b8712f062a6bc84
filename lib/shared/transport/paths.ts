import { createHash } from "node:crypto";
import { posix } from "node:path";

/** The maximum length of a file name on common file systems. */
const LONGEST_NAME_BYTES = 255;

/** PATH_MAX of Linux, in bytes: there is no file by a longer path. */
export const LONGEST_PATH = 4096;

/** The path of a new version before its swap: beside its target, hidden, and never matched by `*.conf`. */
export function stagedPath(path: string): string {
  return beside(path, "mail-sni-new");
}

/** The path of the previous version until the change is complete. */
export function previousPath(path: string): string {
  return beside(path, "mail-sni-old");
}

function beside(path: string, suffix: string): string {
  const name = `.${posix.basename(path)}.${suffix}`;
  const short =
    Buffer.byteLength(name) <= LONGEST_NAME_BYTES
      ? name
      : `.${createHash("sha256").update(posix.basename(path)).digest("hex")}.${suffix}`;
  return posix.join(posix.dirname(path), short);
}

/** The directories above an absolute path, from the top, without `/` itself; empty for a relative path. */
export function ancestors(path: string): string[] {
  const parents: string[] = [];
  if (!path.startsWith("/")) return parents;
  for (let parent = posix.dirname(path); parent !== "/"; parent = posix.dirname(parent))
    parents.unshift(parent);
  return parents;
}

/** Why a path of a host is invalid; undefined if it is valid. */
export function pathProblem(path: string): string | undefined {
  if (!path.startsWith("/")) return "it is not absolute";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
  if (/[\x00-\x1f\x7f]/.test(path)) return "it holds a control character";
  if (path !== posix.normalize(path) || path.split("/").includes(".."))
    return "it is not in its simplest form";
  if (path.endsWith("/")) return "it ends in a slash";
  if (Buffer.byteLength(path) > 4000) return "it is longer than 4,000 bytes";
  if (path.split("/").some((name) => Buffer.byteLength(name) > LONGEST_NAME_BYTES)) {
    return `one of its names is longer than ${LONGEST_NAME_BYTES} bytes`;
  }
  return undefined;
}
