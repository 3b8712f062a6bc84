import { madeOnce } from "../../../../shared/made-once";
import { truncated } from "../../../../shared/text/truncated";
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
  const named = new Map<string, NamedFile[]>();
  for (const { path: file, lines } of files) {
    const blocks: string[] = [];
    for (const { number, text } of lines) {
      const opened = is24 ? openedBy24(text) : openedBy23(text);
      if (opened !== null) {
        const block = blocks.length === 0 ? null : blocks.slice(0, MOST_BLOCKS).join(", ");
        madeOnce(named, opened.path, () => []).push({ setting: opened.setting, file, line: number, block });
      } else if (text.includes("{")) blocks.push(blockIn(text));
      else if (text.includes("}")) blocks.pop();
    }
  }
  return named;
}

/** Dovecot has no setting in more. */
const MOST_BLOCKS = 5;
const MOST_BLOCK_CHARACTERS = 200;

function blockIn(text: string): string {
  const block = text.slice(0, text.indexOf("{")).trim().replace(/\s+/g, " ");
  return truncated(block, MOST_BLOCK_CHARACTERS);
}

interface Opened {
  readonly setting: string;
  readonly path: string;
}

function openedBy23(text: string): Opened | null {
  const [before, setting] = /^(\w+)\s*=\s*<\s*(?=\/)/.exec(text) ?? [];
  return before === undefined || setting === undefined
    ? null
    : { setting, path: withoutComment(text.slice(before.length)) };
}

function openedBy24(text: string): Opened | null {
  const [before, setting] = /^(\w+_file)\s*=\s*"?(?=\/)/.exec(text) ?? [];
  return before === undefined || setting === undefined
    ? null
    : { setting, path: withoutComment(text.slice(before.length)).replace(/"$/, "") };
}

/** A comment begins with a number sign after a blank. */
function withoutComment(text: string): string {
  const at = text.search(/\s#/);
  return (at < 0 ? text : text.slice(0, at)).trimEnd();
}
