import { readdirSync } from "node:fs";
import { join } from "node:path";
import { domainErrors } from "../../shared/errors";
import { readTextFile } from "../../shared/text-file";

/** A file that dehydrated reads as part of its list of certificates. */
export interface DomainsTxtFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Reads `domains.txt` and, as dehydrated 0.7.1 and later does, `*.txt` in the directory `domains.txt.d` after
 * it, in alphabetical order.
 *
 * @param path absolute, or relative to the directory in which cdktf runs
 * @throws MailSniError `DOMAINS_TXT_UNREADABLE`; `DOMAINS_TXT_UNTERMINATED` if dehydrated would join the last
 *   line of one file to the first line of the next
 */
export function domainsTxtFiles(path: string): DomainsTxtFile[] {
  const files = [path, ...dropIns(`${path}.d`)].map((each) => ({
    path: each,
    text: readTextFile(each, domainErrors.fileUnreadable),
  }));
  for (const [index, { path: unterminated, text }] of files.slice(0, -1).entries()) {
    if (!/(^|\n)[ \t\v\f\r]*$/.test(text))
      throw domainErrors.fileUnterminated(unterminated, files[index + 1]?.path ?? "");
  }
  return files;
}

function dropIns(directory: string): string[] {
  return entriesOf(directory)
    .filter((name) => /^[^.].*\.txt$/s.test(name))
    .sort()
    .map((name) => join(directory, name));
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw domainErrors.fileUnreadable(directory, message);
  }
}
