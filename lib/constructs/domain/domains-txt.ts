/** A row of a `domains.txt`: one certificate, as dehydrated reads it. */
export interface DomainsTxtRow {
  /** As they are written, in lower case: host names, wildcards, and addresses (`ip:192.0.2.1`). */
  readonly names: string[];
  /**
   * What stands behind `>`, in lower case: the directory of the certificate, instead of the first name.
   *
   * @default - the row has no alias
   */
  readonly alias?: string;
  /** `FILE:LINE`. */
  readonly source: string;
}

/** A row, or why dehydrated does not take it: for an alias, it ends at such a row. */
export interface ReadRow extends DomainsTxtRow {
  readonly aliasFault?: AliasFault;
}

/** `several`: more than one; `missing`: nothing behind `>`; `wildcard`: none that can name a directory. */
export type AliasFault = "several" | "missing" | "wildcard";

/**
 * Reads dehydrated's `domains.txt` as dehydrated does: a row is one line, names are separated by blanks, upper case is
 * folded, and `> ALIAS` may stand anywhere in the row. Lines that begin with `#` are comments. A backslash or a later
 * `#` has no meaning: dehydrated takes it for a name.
 *
 * A byte order mark is dropped, which dehydrated takes for a part of the first name.
 *
 * @param file for messages
 */
export function readDomainsTxt(text: string, file: string): ReadRow[] {
  return text
    .replace(/^\ufeff/, "")
    .split("\n")
    .map((line, index) => ({ content: withoutOuterBlanks(line), source: `${file}:${index + 1}` }))
    .filter(({ content }) => content !== "" && !content.startsWith("#"))
    .map(({ content, source }) => ({ ...readRow(content), source }));
}

/** ASCII alone: blanks and letters of other scripts are parts of a name, and dehydrated leaves them as they are. */
const BLANKS = "[ \\t\\v\\f]";
const OUTER_BLANKS: ReadonlySet<string> = new Set([" ", "\t", "\v", "\f", "\r"]);
const ALIAS = new RegExp(`>${BLANKS}*([^ \\t\\v\\f>]+)`);

/** Not by a regular expression: one for the end of a line tries at each blank of a long run within it. */
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
