import { madeOnce } from "../../../../shared/made-once";
import type { ConfigurationFile } from "../../../inputs/configuration-files";

/** A setting of Dovecot that names a file which Dovecot opens when it reads its configuration. */
export interface NamedFile {
  readonly setting: string;
  readonly file: string;
  readonly line: number;
  /** The blocks around it, such as `local_name imap.domain1.tld`; null outside of any. */
  readonly block: string | null;
}

/**
 * The files that a Dovecot opens when it reads its configuration, with the settings that name them. Dovecot 2.3 opens what
 * follows a `<`, and takes other paths for texts; 2.4 opens what a setting names that ends with `_file`. Both do so as well for
 * blocks, and for settings that others override.
 *
 * @param files the lines that `dovecot_file` prints
 */
export function namedFiles(files: readonly ConfigurationFile[]): Map<string, NamedFile[]> {
  const is24 = files.some(({ lines }) => lines.some(({ text }) => text.startsWith("dovecot_config_version")));
  const opens = is24 ? OPENED_24 : OPENED_23;
  const named = new Map<string, NamedFile[]>();
  for (const { path: file, lines } of files) {
    const blocks: string[] = [];
    for (const { number, text } of lines) {
      const [, setting, path] = opens.exec(text) ?? [];
      if (setting !== undefined && path !== undefined) {
        const block = blocks.length === 0 ? null : blocks.join(", ");
        madeOnce(named, path, () => []).push({ setting, file, line: number, block });
      } else if (text.includes("{")) blocks.push(text.replace(/\s*\{.*$/, "").replace(/\s+/g, " "));
      else if (text.includes("}")) blocks.pop();
    }
  }
  return named;
}

/** A comment begins with a number sign after a blank. */
const OPENED_23 = /^(\w+)\s*=\s*<\s*(\/.*?)(?:\s+#.*|\s*)$/s;
const OPENED_24 = /^(\w+_file)\s*=\s*"?(\/.*?)"?(?:\s+#.*|\s*)$/s;
