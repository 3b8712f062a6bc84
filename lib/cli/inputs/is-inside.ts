import { isAbsolute, relative } from "node:path";

/**
 * Whether a path is a directory or below it. Names of files may begin with two dots, too. Symbolic links are not followed.
 *
 * @param directory absolute
 * @param path absolute
 */
export function isInside(directory: string, path: string): boolean {
  const below = relative(directory, path);
  return !isAbsolute(below) && !/^\.\.(\/|$)/.test(below);
}
