import { readFileSync } from "node:fs";
import type { MailSniError } from "./errors";

/**
 * Reads a text file.
 *
 * @param path absolute, or relative to the directory in which cdktf runs
 * @param unreadable makes the error to throw if the file cannot be read
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
