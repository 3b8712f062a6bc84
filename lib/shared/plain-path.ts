/** Segments that are neither `.` nor `..`, each after one slash, of characters that no configuration gives a meaning to. */
const PLAIN_PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~@%+=:,-]+)+$/;

/** Whether the constructs take a path on a host: it is absolute, in normal form, and has no special characters. */
export function isPlainPath(path: string): boolean {
  return PLAIN_PATH.test(path);
}
