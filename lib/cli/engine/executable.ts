import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

/**
 * Finds a command in the directories of a `PATH`. Relative ones are left out: the command is run in another directory, where they
 * would lead to files that others have written.
 *
 * @returns its absolute path; null if there is none
 */
export function executableIn(path: string, name: string): string | null {
  const places = path.split(delimiter).filter((directory) => isAbsolute(directory));
  return places.map((directory) => join(directory, name)).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
