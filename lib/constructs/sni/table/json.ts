import type { MailProtocol } from "../../service/mail-service";
import type { Lookup } from "../../service/served-certificate";
import type { AcknowledgedSubject } from "./acknowledged-subject";
import type { TableContents } from "./contents";
import { type HostTable, isOptional, type ServiceTable } from "./host-table";

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
      /** There where the service ends the handshake with an alert if a client sends what cannot be a host name. */
      readonly refusesMalformedNames?: true;
      /**
       * Those of a mail domain together, the domains by name; behind them, by name, what the server's own configuration
       * has. Exactly one of `certificate` (a mail domain), `file` (not ours) and `reason` alone (the default).
       */
      readonly names: readonly {
        readonly name: string;
        readonly certificate?: string;
        readonly file?: string;
        readonly entry?: string;
        readonly reason?: string;
        /** There where nothing is presented: the service ends the handshake with an alert, for `reason`. */
        readonly refused?: true;
        /** Whether DNS decides, when the certificate is ordered, if it is for that name; absent where it is for it. */
        readonly optional?: true;
      }[];
    }[];
  }[];
  readonly acknowledged: readonly AcknowledgedSubject[];
  /** What files such as `domains.txt` list and no server is told of, by `file` and `row` (its alias or first name). */
  readonly leftOut: readonly { readonly file: string; readonly row: string; readonly reason: string }[];
}

/** A line a name, so that a mail domain more or less changes its own lines alone, in one place a service. */
export function jsonTable({ hosts, acknowledged, leftOut }: TableContents): string {
  return `{
  "version": 1,
  "hosts": ${list("  ", hosts.map(hostObject))},
  "acknowledged": ${list("  ", lines(acknowledged))},
  "leftOut": ${list("  ", lines(leftOut))}
}
`;
}

function lines(objects: readonly object[]): string[] {
  return objects.map((object) => JSON.stringify(object));
}

function hostObject({ stack, host, names, services, defaultDomain }: HostTable): string {
  const objects = services.map((service) => serviceObject(service, names, defaultDomain));
  return `{
      "stack": ${JSON.stringify(stack)},
      "host": ${JSON.stringify(host)},
      "services": ${list("      ", objects)}
    }`;
}

function serviceObject(
  { service, lookups, refusesMalformedNames }: ServiceTable,
  names: readonly string[],
  defaultDomain: string | undefined,
): string {
  const endpoints = service.endpoints.map(({ port, protocol, sni = true }) => ({ port, protocol, sni }));
  const rows = lines(lookups.map((lookup, index) => rowOf(names[index], lookup)));
  const indentation = "          ";
  const optional = [
    ...(defaultDomain === undefined ? [] : [`"default": ${JSON.stringify(defaultDomain)}`]),
    ...(refusesMalformedNames ? ['"refusesMalformedNames": true'] : []),
  ];
  return `{
          "service": ${JSON.stringify(service.name)},
          "endpoints": ${JSON.stringify(endpoints)},
          ${optional.map((member) => `${member},\n${indentation}`).join("")}"names": ${list(indentation, rows)}
        }`;
}

function rowOf(name: string | undefined, lookup: Lookup): object {
  const { certificate, file, entry, reason, refused } = lookup;
  return {
    name,
    certificate: certificate?.name,
    file,
    entry,
    reason,
    refused,
    optional: isOptional(name, lookup),
  };
}

/** @param indentation of the line on which the list begins */
function list(indentation: string, elements: readonly string[]): string {
  if (elements.length === 0) return "[]";
  const line = `\n${indentation}`;
  return `[${line}  ${elements.join(`,${line}  `)}${line}]`;
}
