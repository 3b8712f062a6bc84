import { domainErrors, errorOf, MailSniError } from "../common/errors";
import { isWildcard, parseCertificateName } from "../common/host-name";
import { HostNames, parseLiteral } from "./host-names";

/** One certificate of a `domains.txt`. */
export interface DomainsTxtRow {
  /** The first name that is not a wildcard. */
  readonly domain: string;
  readonly names: HostNames;
  /** `FILE:LINE` where the row begins. */
  readonly source: string;
}

/**
 * Reads dehydrated's `domains.txt`: a certificate a row, its names separated by blanks. Rows that begin with `#` are
 * comments, a backslash at the end of a line joins the next one to it, and `> ALIAS` names a directory of dehydrated's,
 * which means nothing here.
 *
 * @param file for messages
 * @throws MailSniError whose problem begins with `FILE:LINE`
 */
export function parseDomainsTxt(text: string, file: string): DomainsTxtRow[] {
  const rows = logicalLines(text)
    .map(({ content, line }) => ({ content: content.trim(), source: `${file}:${line}` }))
    .filter(({ content }) => content !== "" && !content.startsWith("#"))
    .map(({ content, source }) => located(source, () => parseRow(content, source)));
  if (rows.length === 0) throw domainErrors.fileEmpty(file);
  return rows;
}

function parseRow(content: string, source: string): DomainsTxtRow {
  const listed = withoutAlias(content).split(/\s+/).filter(Boolean);
  const names = HostNames.of(...listed);
  const domain = listed
    .map((name) => parseLiteral(name, parseCertificateName))
    .find((name) => !isWildcard(name));
  if (domain === undefined) throw domainErrors.withoutHostName("The row");
  return { domain, names, source };
}

function withoutAlias(row: string): string {
  const [names, ...aliases] = row.split(">");
  if (aliases.length > 1 || aliases.some((alias) => !/^\s*[^\s*]\S*$/.test(alias)))
    throw domainErrors.alias();
  return names as string;
}

function logicalLines(text: string): { content: string; line: number }[] {
  const joined: { content: string; line: number }[] = [];
  let continues = false;
  for (const [index, physical] of text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .entries()) {
    const content = physical.replace(/\\\s*$/, " ");
    const previous = joined.at(-1);
    if (continues && previous !== undefined) previous.content += content;
    else joined.push({ content, line: index + 1 });
    continues = content !== physical;
  }
  return joined;
}

function located<T>(source: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof MailSniError ? errorOf(source, error) : error;
  }
}
