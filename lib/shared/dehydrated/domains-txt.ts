import { isIP } from "node:net";

/** A row of a `domains.txt`: one certificate, as dehydrated reads it. */
export interface DomainsTxtRow {
  /** The names as written, in lower case: host names, wildcards, and IP addresses (`ip:192.0.2.1`). */
  readonly names: string[];
  /**
   * The text after `>`, in lower case: dehydrated names the certificate's directory after it instead of the
   * first name.
   *
   * @default - the row has no alias
   */
  readonly alias?: string;
  /** The position of the row: `FILE:LINE`. */
  readonly source: string;
}

/** A row, and the reason why dehydrated rejects its alias, if it does: dehydrated stops at such a row. */
export interface ReadRow extends DomainsTxtRow {
  readonly aliasFault?: AliasFault;
}

/**
 * Why dehydrated rejects an alias. `several`: the row has more than one; `missing`: nothing follows `>`;
 * `wildcard`: a wildcard cannot name a directory.
 */
export type AliasFault = "several" | "missing" | "wildcard";

/**
 * Reads dehydrated's `domains.txt` as dehydrated does. A row is one line. Blanks separate names. Upper case
 * becomes lower case. `> ALIAS` may be anywhere in the row. Lines that begin with `#` are comments. A
 * backslash or a later `#` has no meaning: dehydrated takes it for a name.
 *
 * A byte order mark is dropped, although dehydrated takes it for part of the first name.
 *
 * @param file the file's name, for messages
 */
export function readDomainsTxt(text: string, file: string): ReadRow[] {
  return text
    .replace(/^\ufeff/, "")
    .split("\n")
    .map((line, index) => ({ content: withoutOuterBlanks(line), source: `${file}:${index + 1}` }))
    .filter(({ content }) => content !== "" && !content.startsWith("#"))
    .map(({ content, source }) => ({ ...readRow(content), source }));
}

/** The name of the directory in which dehydrated keeps a row's certificate. */
export function directoryOf({ names, alias }: DomainsTxtRow): string {
  return alias ?? names[0] ?? "";
}

/** Whether the name requests a certificate for an IP address (RFC 8738), in dehydrated's syntax. */
export function isAddress(name: string): boolean {
  return isIP(name.replace(/^ip:/, "")) !== 0;
}

/**
 * ASCII blanks only: dehydrated treats blanks and letters of other scripts as parts of a name and leaves them
 * as they are.
 */
const BLANKS = "[ \\t\\v\\f]";
const OUTER_BLANKS: ReadonlySet<string> = new Set([" ", "\t", "\v", "\f", "\r"]);
const ALIAS = new RegExp(`>${BLANKS}*([^ \\t\\v\\f>]+)`);

/**
 * Trims a line and folds its case. Without a regular expression: one that is anchored at the end of the line
 * would try every blank of a long run.
 */
function withoutOuterBlanks(line: string): string {
  let [start, end] = [0, line.length];
  while (start < end && OUTER_BLANKS.has(line.charAt(start))) start++;
  while (end > start && OUTER_BLANKS.has(line.charAt(end - 1))) end--;
  return line.slice(start, end).replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function readRow(content: string): Omit<ReadRow, "source"> {
  const alias = ALIAS.exec(content)?.[1];
  const names = content
    .replace(ALIAS, " ")
    .replaceAll(">", " > ")
    .split(new RegExp(`${BLANKS}+`))
    .filter(Boolean);
  const aliasFault = faultOf(content, alias, names[0]);
  return aliasFault === undefined ? { names, alias } : { names, alias, aliasFault };
}

function faultOf(
  content: string,
  alias: string | undefined,
  firstName: string | undefined,
): AliasFault | undefined {
  const count = content.split(">").length - 1;
  if (count > 1) return "several";
  if ((alias ?? firstName)?.startsWith("*.")) return "wildcard";
  return count === 1 && alias === undefined ? "missing" : undefined;
}
