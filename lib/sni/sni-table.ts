import type { MailHost } from "../host/mail-host";
import type { IMailService } from "../service/mail-service";

/** What one service of one host presents to a client that sends one name. */
export interface SniTableRow {
  readonly host: string;
  readonly service: string;
  /** What the client sends; undefined stands for no name, and for any that is not declared. */
  readonly name?: string;
  /** The mail domain whose certificate is presented; undefined where there is none. */
  readonly certificate?: string;
  /** What the server finds for the name; undefined where it presents the default. */
  readonly entry?: string;
  /** Why it is the default. */
  readonly reason?: string;
}

/** Who is served what: for each service of each host and each name, as the service itself would look it up. */
export class SniTable {
  /** @internal */
  public static _of(hosts: MailHost[]): SniTable {
    return new SniTable([...hosts].sort(byName).flatMap(rowsOf));
  }

  /** By host, service and name; the row for all other clients comes last. */
  public readonly rows: SniTableRow[];

  private constructor(rows: SniTableRow[]) {
    this.rows = rows;
  }

  /** For people: a line a row, a block a service. */
  public toString(): string {
    const width = this.rows.reduce((widest, { name }) => Math.max(widest, label(name).length), 0);
    const lines: string[] = [];
    let heading = "";
    for (const row of this.rows) {
      const next = `${row.host}, ${row.service}`;
      if (next !== heading) lines.push(...(heading === "" ? [] : [""]), next);
      heading = next;
      lines.push(`  ${label(row.name).padEnd(width)}  ${presented(row)}`);
    }
    return `${lines.join("\n")}\n`;
  }
}

function rowsOf(host: MailHost): SniTableRow[] {
  const names = host.served.all.flatMap(({ names }) => names).sort();
  return [...host.services].sort(byName).flatMap((service) => [
    ...names.map((name) => rowOf(host, service, name)),
    {
      host: host.name,
      service: service.name,
      certificate: host.served.defaultCertificate?.name,
      reason: "asked for no name, or for an unknown one",
    },
  ]);
}

function rowOf(host: MailHost, service: IMailService, name: string): SniTableRow {
  const { certificate, entry, reason } = service.lookup(name, host.served);
  const presented = certificate ?? host.served.defaultCertificate;
  return { host: host.name, service: service.name, name, certificate: presented?.name, entry, reason };
}

function label(name: string | undefined): string {
  return name ?? "(any other)";
}

function presented({ certificate, entry, reason }: SniTableRow): string {
  if (certificate === undefined) return `nothing: no default certificate, and ${reason}`;
  return entry === undefined ? `${certificate}  by default: ${reason}` : `${certificate}  by ${entry}`;
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : 1;
}
