import { withoutCovered } from "../../../shared/host-name";
import type { HostContent } from "../../service/host-content";
import type { ServedCertificate } from "../../service/served-certificate";
import { type InstalledFiles, installedFiles } from "./installed-files";
import type { RenewalFiles } from "./renewal-files";
import { type RenewalRow, withCommonNameFirst } from "./rows-text";
import { tableRecord } from "./table-record";

/** What servers present a row's certificate for, as `mailsni_host_job` has it. */
export interface PresentedRow {
  readonly names: readonly string[];
  readonly services: readonly string[];
  readonly is_default?: true;
}

/** The certificates that a host issues itself, with the files that present them. */
export class RenewalRows {
  private readonly rows = new Map<string, { readonly ordered: readonly string[]; readonly record: string }>();
  private readonly presentedRows = new Map<string, PresentedRow>();
  private readonly files = new Map<string, InstalledFiles[]>();
  private defaultAlias?: string;

  constructor(private readonly paths: RenewalFiles) {}

  /**
   * Adds the files that present a certificate.
   *
   * @param kind whether they present it for its names, or to all other clients
   * @param contents of each service, by its name
   * @throws MailSniError `DEHYDRATED_CONTENT`, `DEHYDRATED_FIELD`
   */
  public add(
    kind: "domain" | "default",
    { name: alias, names, optionalNames = [] }: ServedCertificate,
    contents: ReadonlyMap<string, HostContent>,
  ): void {
    const added = [...contents].map(([service, content]) =>
      installedFiles({ alias, kind, service }, content, this.paths),
    );
    this.files.set(alias, [...(this.files.get(alias) ?? []), ...added]);
    if (kind === "default") this.defaultAlias = alias;
    else {
      const ordered = orderedNames(names);
      this.rows.set(alias, { ordered, record: rowRecord(alias, ordered, names) });
      const required = names.filter((name) => !name.startsWith("*") && !optionalNames.includes(name));
      this.presentedRows.set(alias, { names: required, services: [...contents.keys()].sort() });
    }
  }

  /** The rows: the default first, the others by name. */
  public get inOrder(): RenewalRow[] {
    return this.aliases.map((alias) => ({ alias, names: this.rows.get(alias)?.ordered ?? [] }));
  }

  /** The records of the table, in the order of the rows. */
  public get records(): string[] {
    return this.aliases.flatMap((alias) => [
      this.rows.get(alias)?.record ?? "",
      ...this.filesOf(alias).flatMap(({ records }) => records),
    ]);
  }

  /** What servers present each certificate for, by its row. */
  public get presented(): Readonly<Record<string, PresentedRow>> {
    return Object.fromEntries(
      [...this.presentedRows].map(([alias, row]) => [
        alias,
        alias === this.defaultAlias ? { ...row, is_default: true } : row,
      ]),
    );
  }

  /** The texts that wait for the program, by path. */
  public get snippets(): Readonly<Record<string, string>> {
    return Object.assign(
      {},
      ...this.aliases.flatMap((alias) => this.filesOf(alias).map((each) => each.snippets)),
    );
  }

  private filesOf(alias: string): readonly InstalledFiles[] {
    return this.files.get(alias) ?? [];
  }

  private get aliases(): string[] {
    const rank = (alias: string) => (alias === this.defaultAlias ? 0 : 1);
    return [...this.rows.keys()].sort((one, other) => rank(one) - rank(other) || (one < other ? -1 : 1));
  }
}

function orderedNames(names: readonly string[]): readonly string[] {
  const ordered = withoutCovered(names);
  return withCommonNameFirst(ordered) ?? ordered;
}

/**
 * The row of the table: the name by which dehydrated speaks of it, then those that servers have entries for. Wildcards are no
 * entries.
 */
function rowRecord(alias: string, [first = alias]: readonly string[], served: readonly string[]): string {
  const exact = served.filter((name) => name !== first && !name.startsWith("*"));
  return tableRecord(`the certificate of ${alias}`, "row", alias, first, ...exact);
}
