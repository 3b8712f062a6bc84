/** What one service of one host presents to a client that sends one name. */
export interface SniTableRow {
  readonly host: string;
  readonly service: string;
  /** What the client sends; undefined stands for no name, and for any that is not listed. */
  readonly name?: string;
  /** The mail domain whose certificate is presented; undefined where there is none. */
  readonly certificate?: string;
  /** The file of a certificate that is presented and that nobody declares: the server's own configuration has it. */
  readonly file?: string;
  /** What the server finds for the name; undefined where it presents the default. */
  readonly entry?: string;
  /** Why it is the default, why it is not the certificate that is declared, or why nothing is presented. */
  readonly reason?: string;
  /**
   * Whether the certificate has the name only if DNS led to the mail hosts when it was ordered. A client that asks for it is
   * presented the certificate either way.
   *
   * @default - it has the name
   */
  readonly optional?: boolean;
  /**
   * Whether the server presents nothing and ends the handshake with an alert.
   *
   * @default - it presents a certificate
   */
  readonly refused?: boolean;
}

/** Who is served what: for each service of each host and each name, as the service itself would look it up. */
export class SniTable {
  /**
   * By host and service. The names of a mail domain stand together, the domains by name; behind them what the server's own
   * configuration has, and last the row for all other clients.
   */
  public readonly rows: SniTableRow[];

  constructor(rows: SniTableRow[]) {
    this.rows = rows;
  }

  /** For people: a line a row, a block a service. */
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
  if (file !== undefined) return `by ${entry}, which is not ours${reason ? `: ${reason}` : ""}`;
  if (certificate === undefined) return `there is no default certificate, and: ${reason}`;
  if (entry === undefined) return `by default: ${reason}`;
  return `by ${entry}${optional ? "; optional" : ""}`;
}

function widest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, text.length), 0);
}
