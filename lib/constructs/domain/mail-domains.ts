import { domainErrors, errorOf, MailSniError, sniErrors } from "../../shared/errors";
import { isWildcard, parseCertificateName, parseHostName } from "../../shared/host-name";
import { type AliasFault, type DomainsTxtRow, type ReadRow, readDomainsTxt } from "./domains-txt";
import { domainsTxtFiles } from "./domains-txt-files";
import { HostNames, parseLiteral } from "./host-names";
import { directoryOf, type IRowsToSkip, isAddress } from "./skip-rows";

export interface FromDomainsTxtOptions {
  /**
   * The domain whose certificate is presented to clients without SNI, or with an unlisted name.
   *
   * @default - the first row's
   */
  readonly defaultDomain?: string;
  /**
   * Rows that are not served as mail domains. They stand in the table of who is served what, with the reason.
   *
   * @default - every row is served
   */
  readonly skip?: IRowsToSkip[];
}

/** A mail domain and its names, as listed somewhere. */
export interface DeclaredDomain {
  /** The first name that is neither a wildcard nor an address: lower-case A-labels. */
  readonly domain: string;
  readonly names: HostNames;
  /**
   * The directory in which dehydrated keeps the certificate, where it is not that of the domain's name.
   *
   * @default - the row has no alias
   */
  readonly alias?: string;
  /** The row's IP addresses. They are not among the names: clients never send an address as SNI (RFC 6066 §3). */
  readonly addresses: string[];
  /** Where it is declared, such as `domains.txt:3`. */
  readonly source: string;
}

/** A row that is not served as a mail domain. */
export interface SkippedRow {
  /** The row's alias, or its first name. */
  readonly row: string;
  readonly reason: string;
  /** Where it stands, such as `domains.txt:3`. */
  readonly source: string;
}

/** Mail domains that are listed in a file. */
export class MailDomains {
  /**
   * The certificates of dehydrated's `domains.txt` and of the files in `domains.txt.d`, each with exactly the names of
   * its row, read as dehydrated reads them.
   *
   * A row that cannot be served is refused, unless `skip` has a reason for it: a domain is never left out in silence.
   *
   * @param path absolute, or relative to the directory in which cdktf runs
   * @throws MailSniError whose problem names file and line of each row that is refused; `DEFAULT_NOT_DECLARED`
   */
  public static fromDomainsTxt(path: string, options: FromDomainsTxtOptions = {}): MailDomains {
    const rows = domainsTxtFiles(path).flatMap((file) => readDomainsTxt(file.text, file.path));
    const { entries, skipped, refused } = sorted(rows, options.skip ?? []);
    if (refused.length > 0) throw domainErrors.rowsRefused(path, refused, MOST_REFUSED);
    if (entries.length === 0) throw domainErrors.fileEmpty(path, skipped.length);
    return new MailDomains(entries, skipped, path, options.defaultDomain);
  }

  /** At least one, in the order in which they are listed. */
  public readonly entries: DeclaredDomain[];
  /** In the order in which they are listed. */
  public readonly skipped: SkippedRow[];
  public readonly defaultDomain: string;

  private constructor(
    entries: DeclaredDomain[],
    skipped: SkippedRow[],
    path: string,
    defaultDomain: string | undefined,
  ) {
    this.entries = entries;
    this.skipped = skipped;
    const declared = entries.map(({ domain }) => domain);
    this.defaultDomain =
      defaultDomain === undefined ? (declared[0] as string) : parseLiteral(defaultDomain, parseHostName);
    if (!declared.includes(this.defaultDomain)) {
      throw errorOf(path, sniErrors.defaultNotDeclared(this.defaultDomain, declared));
    }
    for (const { names } of entries) LISTS.set(names, this);
  }
}

const LISTS = new WeakMap<HostNames, MailDomains>();

/** The list that names were declared in: what it leaves out is told of, be it handed over as a whole or domain by domain. */
export function listOf(names: HostNames): MailDomains | undefined {
  return LISTS.get(names);
}

interface SortedRows {
  readonly entries: DeclaredDomain[];
  readonly skipped: SkippedRow[];
  readonly refused: MailSniError[];
}

/** A file with so many rows that are refused is not a `domains.txt`. */
const MOST_REFUSED = 2000;

/** Each row by itself, so that one message tells of all that are refused. */
function sorted(rows: readonly ReadRow[], skip: readonly IRowsToSkip[]): SortedRows {
  const result: SortedRows = { entries: [], skipped: [], refused: [] };
  const taken = { domains: new Map<string, string>(), directories: new Map<string, string>() };
  for (const row of rows) {
    try {
      const reason = reasonToSkip(row, skip);
      if (reason === undefined) result.entries.push(free(declaredDomain(row), row, taken));
      else result.skipped.push({ row: directoryOf(row), reason, source: row.source });
    } catch (error) {
      if (!(error instanceof MailSniError)) throw error;
      result.refused.push(errorOf(row.source, error));
      if (result.refused.length === MOST_REFUSED) break;
    }
  }
  return result;
}

function reasonToSkip(row: DomainsTxtRow, skip: readonly IRowsToSkip[]): string | undefined {
  for (const rows of skip) {
    const reason = rows.reasonToSkip(row);
    if (reason === undefined) continue;
    if (reason.trim() === "") throw domainErrors.reasonEmpty();
    return reason.trim();
  }
  return undefined;
}

/** @throws MailSniError that also says how to skip the row */
function declaredDomain(row: ReadRow): DeclaredDomain {
  try {
    return servable(row);
  } catch (error) {
    throw error instanceof MailSniError ? domainErrors.unlessSkipped(directoryOf(row), error) : error;
  }
}

function servable(row: ReadRow): DeclaredDomain {
  const { alias, aliasFault, source } = row;
  if (aliasFault !== undefined) throw ALIAS_ERRORS[aliasFault]();
  if (alias !== undefined) checkAlias(alias);
  checkMisread(row.names);
  const addresses = row.names.filter(isAddress).map((name) => name.replace(/^ip:/, ""));
  const names = [
    ...new Set(
      row.names.filter((name) => !isAddress(name)).map((name) => parseLiteral(name, parseCertificateName)),
    ),
  ];
  const domain = names.find((name) => !isWildcard(name));
  if (domain === undefined) throw domainErrors.withoutHostName("The row");
  return { domain, names: HostNames.of(...names), alias, addresses, source };
}

const ALIAS_ERRORS: Readonly<Record<AliasFault, () => MailSniError>> = {
  several: domainErrors.alias,
  missing: domainErrors.alias,
  wildcard: domainErrors.aliasMissing,
};

/** Names a directory, and stands in paths that the engine reads. */
function checkAlias(alias: string): void {
  if (!/^[\p{L}\p{M}\p{N}._+@=,~-]{1,255}$/u.test(alias) || /^\.\.?$/.test(alias))
    throw domainErrors.aliasNotDirectory(alias);
}

/** What people write who expect of the file what it does not have. */
function checkMisread(names: readonly string[]): void {
  if (names.some((name) => name.startsWith("#"))) throw domainErrors.commentInRow();
  if (names.some((name) => name.endsWith("\\"))) throw domainErrors.continuation();
}

interface Taken {
  readonly domains: Map<string, string>;
  readonly directories: Map<string, string>;
}

/** @throws MailSniError where a row before it is for the same domain, or has its certificate in the same directory */
function free(declared: DeclaredDomain, row: DomainsTxtRow, { domains, directories }: Taken): DeclaredDomain {
  const { domain, source } = declared;
  const directory = directoryOf(row);
  const [sameDomain, sameDirectory] = [domains.get(domain), directories.get(directory)];
  // Not by name, which would skip both.
  if (sameDirectory !== undefined) throw domainErrors.directoryTwice(directory, sameDirectory);
  if (sameDomain !== undefined) throw domainErrors.domainInTwoRows(domain, sameDomain, directory);
  domains.set(domain, source);
  directories.set(directory, source);
  return declared;
}
