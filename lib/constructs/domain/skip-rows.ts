import { type DomainsTxtRow, directoryOf, isAddress } from "../../shared/dehydrated/domains-txt";

/**
 * Selects the rows of a `domains.txt` that are not served as mail domains. {@link SkipRows} has the common
 * cases.
 */
export interface IRowsToSkip {
  /**
   * The reason why the row is skipped, for the readers of the SNI table.
   *
   * @returns undefined if the row is served
   */
  reasonToSkip(row: DomainsTxtRow): string | undefined;
}

/** Selects rows of a `domains.txt` that are not served as mail domains, with the reason. */
export class SkipRows implements IRowsToSkip {
  /**
   * Skips the row whose certificate dehydrated keeps in `directory`.
   *
   * @param directory the row's alias, or its first name if it has no alias
   * @param reason for the readers of the SNI table
   */
  public static named(directory: string, reason: string): SkipRows {
    const wanted = directory.toLowerCase();
    return new SkipRows((row) => directoryOf(row) === wanted, reason);
  }

  /**
   * Skips the rows whose alias matches `pattern`. Of two rows with the same names, such as one for RSA and
   * one for ECDSA, skip one: a server presents one certificate for a name.
   *
   * @param pattern an alias in which `*` stands for any text, such as `*_rsa`
   * @param reason for the readers of the SNI table
   */
  public static aliased(pattern: string, reason: string): SkipRows {
    const parts = pattern.toLowerCase().split("*").map(escaped);
    const matches = new RegExp(`^${parts.join(".*")}$`, "su");
    return new SkipRows(({ alias }) => alias !== undefined && matches.test(alias), reason);
  }

  /**
   * Skips the rows without a name that a mail server could look up: rows of wildcards and IP addresses only.
   *
   * @param reason for the readers of the SNI table
   */
  public static withoutHostName(reason: string): SkipRows {
    return new SkipRows(
      ({ names }) => names.every((name) => name.startsWith("*.") || isAddress(name)),
      reason,
    );
  }

  private constructor(
    private readonly applies: (row: DomainsTxtRow) => boolean,
    private readonly reason: string,
  ) {}

  public reasonToSkip(row: DomainsTxtRow): string | undefined {
    return this.applies(row) ? this.reason : undefined;
  }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
