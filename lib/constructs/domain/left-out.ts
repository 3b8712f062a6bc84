import type { MailDomains } from "./mail-domains";

/**
 * An entry of a list that is not served, for the SNI table. It has no line number, because another row would
 * change it.
 */
export interface LeftOut {
  readonly file: string;
  readonly row: string;
  readonly reason: string;
}

/** The entries of a list that are not served: skipped rows, and IP addresses. */
export function leftOutOf({ skipped, entries }: MailDomains): LeftOut[] {
  const fileOf = (source: string) => source.replace(/:\d+$/, "");
  return [
    ...skipped.map(({ row, reason, source }) => ({ file: fileOf(source), row, reason })),
    ...entries.flatMap(({ addresses, domain, source }) =>
      addresses.map((address) => ({
        file: fileOf(source),
        row: domain,
        reason: `${address} is left out: clients never send an address as SNI.`,
      })),
    ),
  ];
}
