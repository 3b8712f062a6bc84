import type { MailDomains } from "./mail-domains";

/**
 * Something in a list that no server is told of, for the table of who is served what. Without line numbers, which a row
 * more or less would change.
 */
export interface LeftOut {
  readonly file: string;
  readonly row: string;
  readonly reason: string;
}

/** What a list has and no server is told of: rows that are skipped, addresses. */
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
