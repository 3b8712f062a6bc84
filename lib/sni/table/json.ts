import type { MailProtocol, ServiceEndpoint } from "../../service/mail-service";
import type { AcknowledgedSubject } from "../rules/finding";
import type { HostTable, ServiceTable } from "./host-table";

/** What `sni-table.json` holds, for programs. Other members may be added; of another version these may be others. */
export interface SniTableDocument {
  readonly version: 1;
  /** By stack and host. */
  readonly hosts: readonly {
    readonly stack: string;
    readonly host: string;
    /** By name. */
    readonly services: readonly {
      readonly service: string;
      readonly endpoints: readonly { port: number; protocol: MailProtocol; sni: boolean }[];
      /** The mail domain whose certificate is presented to all others. */
      readonly default?: string;
      /** By name: exactly one of `certificate` (a mail domain), `file` (not ours) and `reason` alone (the default). */
      readonly names: readonly {
        readonly name: string;
        readonly certificate?: string;
        readonly file?: string;
        readonly entry?: string;
        readonly reason?: string;
      }[];
    }[];
  }[];
  readonly acknowledged: readonly AcknowledgedSubject[];
}

/** A line a name, so that a mail domain more or less changes its own lines alone. */
export function jsonTable(hosts: readonly HostTable[], acknowledged: readonly AcknowledgedSubject[]): string {
  return `{
  "version": 1,
  "hosts": ${list(hosts.map(hostObject), "  ")},
  "acknowledged": ${list(
    acknowledged.map((subject) => JSON.stringify(subject)),
    "  ",
  )}
}
`;
}

function hostObject(table: HostTable): string {
  return `{
      "stack": ${JSON.stringify(table.stack)},
      "host": ${JSON.stringify(table.host)},
      "services": ${list(
        table.services.map((service) => serviceObject(table, service)),
        "      ",
      )}
    }`;
}

function serviceObject({ names, defaultDomain }: HostTable, { service, lookups }: ServiceTable): string {
  const rows = lookups.map(({ certificate, file, entry, reason }, index) =>
    JSON.stringify({ name: names[index], certificate: certificate?.name, file, entry, reason }),
  );
  const byDefault =
    defaultDomain === undefined ? "" : `\n          "default": ${JSON.stringify(defaultDomain)},`;
  return `{
          "service": ${JSON.stringify(service.name)},
          "endpoints": ${JSON.stringify(service.endpoints.map(endpoint))},${byDefault}
          "names": ${list(rows, "          ")}
        }`;
}

function endpoint({ port, protocol, sni = true }: ServiceEndpoint): object {
  return { port, protocol, sni };
}

/** @param indentation of the line on which the list begins */
function list(elements: readonly string[], indentation: string): string {
  if (elements.length === 0) return "[]";
  return `[\n${elements.map((element) => `${indentation}  ${element}`).join(",\n")}\n${indentation}]`;
}
