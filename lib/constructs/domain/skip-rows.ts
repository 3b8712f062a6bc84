import { isIP } from "node:net";
import type { DomainsTxtRow } from "./domains-txt";

/** Says which rows of a `domains.txt` are not to be served as mail domains. {@link SkipRows} has the usual ones. */
export interface IRowsToSkip {
  /**
   * Why the row is skipped, for those who review the table of who is served what.
   *
   * @returns undefined where it is not
   */
  reasonToSkip(row: DomainsTxtRow): string | undefined;
}

/** Rows of a `domains.txt` that are not to be served as mail domains, with the reason. */
export class SkipRows implements IRowsToSkip {
  /**
   * The row whose certificate dehydrated keeps in the directory `directory`.
   *
   * @param directory the row's alias, or its first name where it has no alias
   * @param reason for those who review the table of who is served what
   */
  public static named(directory: string, reason: string): SkipRows {
    const wanted = directory.toLowerCase();
    return new SkipRows((row) => directoryOf(row) === wanted, reason);
  }

  /**
   * The rows whose alias is `pattern`. One of a pair of rows with the same names, such as for RSA and for ECDSA, has to
   * be skipped: a server presents one certificate for a name.
   *
   * @param pattern `*` in it stands for anything, such as in `*_rsa`
   * @param reason for those who review the table of who is served what
   */
  public static aliased(pattern: string, reason: string): SkipRows {
    const parts = pattern.toLowerCase().split("*").map(escaped);
    const matches = new RegExp(`^${parts.join(".*")}$`, "su");
    return new SkipRows(({ alias }) => alias !== undefined && matches.test(alias), reason);
  }

  /**
   * The rows that have no name that a mail server could look up: wildcards and addresses alone.
   *
   * @param reason for those who review the table of who is served what
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

/** The name of the directory in which dehydrated keeps a row's certificate. */
export function directoryOf({ names, alias }: DomainsTxtRow): string {
  return alias ?? names[0] ?? "";
}

/** Whether dehydrated asks for a certificate of an IP address by such a name (RFC 8738). */
export function isAddress(name: string): boolean {
  return isIP(name.replace(/^ip:/, "")) !== 0;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
