/** What one service of one host presents to a client that sends one name. */
export interface SniTableRow {
  /** The name of the host. */
  readonly host: string;
  /** The name of the service. */
  readonly service: string;
  /** The name that the client sends; undefined stands for no SNI, or an unlisted name. */
  readonly name?: string;
  /** The mail domain whose certificate is presented; undefined if there is none. */
  readonly certificate?: string;
  /**
   * The certificate file that the server's own configuration presents, if it is not one that this library
   * declares.
   */
  readonly file?: string;
  /** The entry that the server finds for the name; undefined if it presents the default. */
  readonly entry?: string;
  /** Why the server presents the default, or not the declared certificate, or nothing. */
  readonly reason?: string;
  /**
   * Whether the name is optional: the certificate contains it only if DNS pointed to the mail hosts when it
   * was ordered. A client that sends the name is presented the certificate in any case.
   *
   * @default - the certificate contains the name
   */
  readonly optional?: boolean;
  /**
   * Whether the server presents nothing and ends the handshake with an alert.
   *
   * @default - it presents a certificate
   */
  readonly refused?: boolean;
}

/**
 * The certificate that each service of each host presents for each name, looked up by the rules of that
 * service.
 */
export class SniTable {
  /**
   * The rows, by host and service. The names of a mail domain are consecutive, and the domains are in
   * alphabetical order. The names from the server's own configuration follow. The last row of a service is
   * for all other clients.
   */
  public readonly rows: SniTableRow[];

  constructor(rows: SniTableRow[]) {
    this.rows = rows;
  }

  /** Text for terminals: one block for each service, one line for each row. */
  public toString(): string {
    const nameWidth = widest(this.rows.map(({ name }) => label(name)));
    const certificateWidth = widest(this.rows.map(certificateOf));
    const lines: string[] = [];
    let heading = "";
    for (const row of this.rows) {
      const next = `${row.host}, ${row.service}`;
      if (next !== heading) lines.push(...(heading === "" ? [] : [""]), next);
      heading = next;
      const presented = certificateOf(row).padEnd(certificateWidth);
      lines.push(`  ${label(row.name).padEnd(nameWidth)}  ${presented}  ${why(row)}`);
    }
    return `${lines.join("\n")}\n`;
  }
}

function label(name: string | undefined): string {
  return name ?? "(any other)";
}

function certificateOf({ certificate, file }: SniTableRow): string {
  return file ?? certificate ?? "nothing";
}

function why({ certificate, file, entry, reason, optional, refused }: SniTableRow): string {
  if (refused) return `refused: ${reason}`;
  if (file !== undefined) return `by ${entry}, which is unmanaged${reason ? `: ${reason}` : ""}`;
  if (certificate === undefined) return `there is no default certificate, and: ${reason}`;
  if (entry === undefined) return `by default: ${reason}`;
  return `by ${entry}${optional ? "; optional" : ""}`;
}

function widest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, text.length), 0);
}
