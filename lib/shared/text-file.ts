import { readFileSync } from "node:fs";
import type { MailSniError } from "./errors";

/**
 * @param path absolute, or relative to the directory in which cdktf runs
 * @param unreadable what is thrown otherwise
 */
export function readTextFile(
  path: string,
  unreadable: (path: string, reason: string) => MailSniError,
): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw unreadable(path, (error as Error).message);
  }
}
