import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { isClosedToOthers } from "../../../../shared/closed-directory";

const OTHERS_READ = 0o004;

/** The names in a directory, sorted; none if it is not there, or cannot be read. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}

/** The files of a directory that every user of this machine can read. Those that are gone by now are left out. */
export function readableByAll(directory: string, names: readonly string[]): string[] {
  if (process.platform === "win32" || isClosedToOthers(directory)) return [];
  return names.map((name) => join(directory, name)).filter(isOpen);
}

function isOpen(path: string): boolean {
  const status = statSync(path, { throwIfNoEntry: false });
  return status?.isFile() === true && (status.mode & OTHERS_READ) !== 0;
}
