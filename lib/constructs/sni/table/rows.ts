import type { MailHost } from "../../host/mail-host";
import type { Lookup } from "../../service/served-certificate";
import { type HostTable, hostTable, isOptional } from "./host-table";
import type { SniTableRow } from "./sni-table";

/**
 * The rows of the SNI table of these hosts, sorted by host and service, as far as everything is declared so
 * far.
 */
export function tableRows(hosts: readonly MailHost[]): SniTableRow[] {
  const present = hosts.filter(({ gone }) => !gone);
  const sorted = present.sort((one, other) => (one.name < other.name ? -1 : 1));
  return sorted.flatMap((host) => rowsOf(hostTable(host)));
}

function rowsOf({ host, names, services, defaultDomain }: HostTable): SniTableRow[] {
  return services.flatMap(({ service, lookups, refusesMalformedNames }) => [
    ...lookups.map((lookup, index) => ({
      host,
      service: service.name,
      name: names[index],
      certificate: certificateOfLookup(lookup, defaultDomain),
      file: lookup.file,
      entry: lookup.entry,
      reason: lookup.reason,
      optional: isOptional(names[index], lookup),
      refused: lookup.refused,
    })),
    {
      host,
      service: service.name,
      certificate: defaultDomain,
      reason: refusesMalformedNames
        ? "no SNI, or an unlisted name; refused with alert 112 where it cannot be a host name"
        : "no SNI, or an unlisted name",
    },
  ]);
}

function certificateOfLookup(
  { certificate, file, refused }: Lookup,
  defaultDomain: string | undefined,
): string | undefined {
  return file === undefined && !refused ? (certificate?.name ?? defaultDomain) : undefined;
}
