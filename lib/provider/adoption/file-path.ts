import { LONGEST_PATH } from "../../shared/transport/paths";
import { ACME } from "../messages/acme";
import type { Diagnostics } from "../protocol/diagnostics";
import type { Plannable } from "../protocol/values/unknown";
import { shownPath } from "./local-file";

/** Refuses what cannot be the path of a file of this machine. */
export function validateLocalFile(
  path: Plannable<string | null>,
  attribute: string,
  diagnostics: Diagnostics,
): void {
  if (typeof path !== "string") return;
  const problem = localFileProblem(path);
  if (problem !== null)
    diagnostics.error(
      ACME.notFilePath,
      `${attribute} ${problem}. Write the path of a file of the machine that deploys.`,
      [attribute],
    );
}

/** Why it cannot be the path of a file, worded to follow a name; null if it can. */
export function localFileProblem(path: string): string | null {
  if (path === "") return "is empty";
  if (path.length > LONGEST_PATH) return `is longer than ${LONGEST_PATH} characters`;
  if (/\p{Cc}/u.test(path)) return `has control characters in it: ${JSON.stringify(shownPath(path))}`;
  return null;
}
