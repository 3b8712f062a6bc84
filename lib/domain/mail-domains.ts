import { domainErrors, errorOf, sniErrors } from "../common/errors";
import { parseHostName } from "../common/host-name";
import { readTextFile } from "../common/text-file";
import { parseDomainsTxt } from "./domains-txt";
import { type HostNames, parseLiteral } from "./host-names";

export interface FromDomainsTxtOptions {
  /**
   * The domain whose certificate is presented to clients that send no name, or an unknown one.
   *
   * @default - the first row's
   */
  readonly defaultDomain?: string;
}

/** A mail domain and its names, as listed somewhere. */
export interface DeclaredDomain {
  /** Lower-case A-labels. */
  readonly domain: string;
  readonly names: HostNames;
  /** Where it is declared, such as `domains.txt:3`. */
  readonly source: string;
}

/** Mail domains that are listed in a file. */
export class MailDomains {
  /**
   * The certificates of dehydrated's `domains.txt`, each with exactly the names of its row. Comments, continuation
   * lines and aliases (`> ALIAS`, of no meaning here) are understood.
   *
   * @param path absolute, or relative to the directory in which cdktf runs
   * @throws MailSniError whose problem names file and line; `DEFAULT_NOT_DECLARED`
   */
  public static fromDomainsTxt(path: string, options: FromDomainsTxtOptions = {}): MailDomains {
    return new MailDomains(
      parseDomainsTxt(readTextFile(path, domainErrors.fileUnreadable), path),
      path,
      options.defaultDomain,
    );
  }

  /** At least one, in the order in which they are listed. */
  public readonly entries: DeclaredDomain[];
  public readonly defaultDomain: string;

  private constructor(entries: DeclaredDomain[], path: string, defaultDomain?: string) {
    const lines = new Map<string, string>();
    for (const { domain, source } of entries) {
      const earlier = lines.get(domain);
      if (earlier !== undefined) throw errorOf(source, sniErrors.domainTwice(domain, earlier, source));
      lines.set(domain, source);
    }
    this.entries = entries;
    this.defaultDomain =
      defaultDomain === undefined
        ? (entries[0] as DeclaredDomain).domain
        : parseLiteral(defaultDomain, parseHostName);
    if (!lines.has(this.defaultDomain)) {
      throw errorOf(path, sniErrors.defaultNotDeclared(this.defaultDomain, [...lines.keys()]));
    }
  }
}
