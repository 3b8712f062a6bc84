import {
  type AliasFault,
  type DomainsTxtRow,
  directoryOf,
  isAddress,
  type ReadRow,
  readDomainsTxt,
} from "../../shared/dehydrated/domains-txt";
import { domainErrors, errorOf, MailSniError, sniErrors } from "../../shared/errors";
import { isWildcard, parseCertificateName, parseHostName } from "../../shared/host-name";
import { domainsTxtFiles } from "./domains-txt-files";
import { HostNames, parseLiteral } from "./host-names";
import type { IRowsToSkip } from "./skip-rows";

/** Options for reading a `domains.txt`. */
export interface FromDomainsTxtOptions {
  /**
   * The domain whose certificate is presented to clients with no SNI, or an unlisted name.
   *
   * @default - the domain of the first row
   */
  readonly defaultDomain?: string;
  /**
   * Rows that are not served as mail domains. The SNI table lists them with the reason.
   *
   * @default - every row is served
   */
  readonly skip?: IRowsToSkip[];
}

/** A mail domain and its names, as a file lists them. */
export interface DeclaredDomain {
  /** The first name that is neither a wildcard nor an IP address, as lower-case A-labels. */
  readonly domain: string;
  /** The host names of the row. */
  readonly names: HostNames;
  /**
   * The directory in which dehydrated keeps the certificate, if it is not named after the domain.
   *
   * @default - the row has no alias
   */
  readonly alias?: string;
  /**
   * The IP addresses of the row. They are not among the names: clients never send an address as SNI (RFC 6066
   * §3).
   */
  readonly addresses: string[];
  /** The position of the row, such as `domains.txt:3`. */
  readonly source: string;
}

/** A row that is not served as a mail domain. */
export interface SkippedRow {
  /** The row's alias, or its first name. */
  readonly row: string;
  /** The reason why the row is skipped. */
  readonly reason: string;
  /** The position of the row, such as `domains.txt:3`. */
  readonly source: string;
}

/** A list of mail domains that is read from a file. */
export class MailDomains {
  /**
   * Reads dehydrated's `domains.txt` and the files in `domains.txt.d` as dehydrated reads them. Each row is
   * one certificate, with exactly the names of the row.
   *
   * A row that cannot be served is refused, unless `skip` has a reason for it. So no domain is left out
   * unnoticed.
   *
   * @param path absolute, or relative to the directory in which cdktf runs
   * @throws MailSniError whose problem names file and line of each row that is refused;
   *   `DEFAULT_NOT_DECLARED`
   */
  public static fromDomainsTxt(path: string, options: FromDomainsTxtOptions = {}): MailDomains {
    const rows = domainsTxtFiles(path).flatMap((file) => readDomainsTxt(file.text, file.path));
    const { entries, skipped, refused } = sorted(rows, options.skip ?? []);
    if (refused.length > 0) throw domainErrors.rowsRefused(path, refused, MOST_REFUSED);
    if (entries.length === 0) throw domainErrors.fileEmpty(path, skipped.length);
    return new MailDomains(entries, skipped, path, options.defaultDomain);
  }

  /** The domains, at least one, in the order of the file. */
  public readonly entries: DeclaredDomain[];
  /** The skipped rows, in the order of the file. */
  public readonly skipped: SkippedRow[];
  /** The domain whose certificate is presented to clients with no SNI, or an unlisted name. */
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

/**
 * The list that the names come from. `MailSni` reports what the list leaves out, whether it is added as a
 * whole or domain by domain.
 */
export function listOf(names: HostNames): MailDomains | undefined {
  return LISTS.get(names);
}

interface SortedRows {
  readonly entries: DeclaredDomain[];
  readonly skipped: SkippedRow[];
  readonly refused: MailSniError[];
}

/** The maximum number of refused rows: a file with more of them is not a `domains.txt`. */
const MOST_REFUSED = 2000;

/**
 * Sorts rows into served and skipped ones. It checks each row on its own, so that one message names all
 * refused rows.
 */
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

/**
 * Checks a row and makes a mail domain of it.
 *
 * @throws MailSniError that also says how to skip the row
 */
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

/** Checks an alias: it names a directory, and it becomes part of paths that the engine reads. */
function checkAlias(alias: string): void {
  if (!/^[\p{L}\p{M}\p{N}._+@=,~-]{1,255}$/u.test(alias) || /^\.\.?$/.test(alias))
    throw domainErrors.aliasNotDirectory(alias);
}

/** Refuses names that look like syntax that `domains.txt` does not have. */
function checkMisread(names: readonly string[]): void {
  if (names.some((name) => name.startsWith("#"))) throw domainErrors.commentInRow();
  if (names.some((name) => name.endsWith("\\"))) throw domainErrors.continuation();
}

interface Taken {
  readonly domains: Map<string, string>;
  readonly directories: Map<string, string>;
}

/**
 * @throws MailSniError if an earlier row is for the same domain, or has its certificate in the same directory
 */
function free(declared: DeclaredDomain, row: DomainsTxtRow, { domains, directories }: Taken): DeclaredDomain {
  const { domain, source } = declared;
  const directory = directoryOf(row);
  const [sameDomain, sameDirectory] = [domains.get(domain), directories.get(directory)];
  // The remedy is not to skip by directory: both rows would be skipped.
  if (sameDirectory !== undefined) throw domainErrors.directoryTwice(directory, sameDirectory);
  if (sameDomain !== undefined) throw domainErrors.domainInTwoRows(domain, sameDomain, directory);
  domains.set(domain, source);
  directories.set(directory, source);
  return declared;
}
