import { localFileProblem } from "../adoption/file-path";
import { Unadoptable } from "../adoption/local-file";
import { ACME } from "../messages/acme";
import type { Diagnostics } from "../protocol/diagnostics";
import { originOf } from "./acme-directory";
import { reportFailure } from "./error-reports";

/**
 * Why an identity cannot name a CA and files of this machine; null if it can.
 *
 * @param files by what they contain
 */
export function identityProblem(
  directoryUrl: string | null,
  files: Readonly<Record<string, string | null>>,
): string | null {
  if (directoryUrl === null || originOf(directoryUrl) === null)
    return "The directory's URL does not begin with https://.";
  for (const [contents, path] of Object.entries(files)) {
    const problem = path === null ? "is missing" : localFileProblem(path);
    if (problem !== null) return `The file of the ${contents} ${problem}.`;
  }
  return null;
}

/** Runs an import, and reports what it throws of files that do not fit and of a CA that cannot be asked. Null after an error. */
export async function imported<T>(
  work: () => Promise<T | null>,
  diagnostics: Diagnostics,
): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Unadoptable) diagnostics.error(ACME.notImported, error.message);
    else reportFailure(error, ACME.notImported, diagnostics);
    return null;
  }
}
