/** One certificate, as dehydrated orders it. */
export interface RenewalRow {
  /** The name of its directory: the mail domain. */
  readonly alias: string;
  /** The names that it is ordered for, the one that becomes its CN first. */
  readonly names: readonly string[];
}

const HEAD = "# Managed by mail-sni: the next deploy overwrites changes. The first row is the default.\n";

/**
 * The `domains.txt` of a host. Each row has an alias: without one, dehydrated 0.7.0 ends the run at a row that begins with a
 * wildcard, `--keep-going` or not.
 */
export function rowsText(rows: readonly RenewalRow[]): string {
  return HEAD + rows.map(({ alias, names }) => `${names.join(" ")} > ${alias}\n`).join("");
}

/** The maximum length of a CN in characters (RFC 5280, ub-common-name). dehydrated makes one of the first name. */
const LONGEST_CN = 64;

/**
 * The names in the order in which they are ordered: the first one that can be a CN comes first.
 *
 * @returns undefined if none can be
 */
export function withCommonNameFirst(names: readonly string[]): string[] | undefined {
  const first = names.find((name) => name.length <= LONGEST_CN);
  return first === undefined ? undefined : [first, ...names.filter((name) => name !== first)];
}
