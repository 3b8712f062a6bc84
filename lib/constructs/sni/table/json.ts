import type { MailProtocol } from "../../service/mail-service";
import type { Lookup } from "../../service/served-certificate";
import type { AcknowledgedSubject } from "./acknowledged-subject";
import type { TableContents } from "./contents";
import { type HostTable, isOptional, type ServiceTable } from "./host-table";

/**
 * The contents of `sni-table.json`, for programs. Later releases may add members; another `version` may
 * change them.
 */
export interface SniTableDocument {
  readonly version: 1;
  /** The hosts, sorted by stack and host. */
  readonly hosts: readonly {
    readonly stack: string;
    readonly host: string;
    /** The services, sorted by name. */
    readonly services: readonly {
      readonly service: string;
      readonly endpoints: readonly { port: number; protocol: MailProtocol; sni: boolean }[];
      /** The mail domain whose certificate is presented to clients with no SNI, or an unlisted name. */
      readonly default?: string;
      /**
       * Present if the service ends the handshake with an alert when a client sends what cannot be a host
       * name.
       */
      readonly refusesMalformedNames?: true;
      /**
       * The names of a mail domain are consecutive, and the domains are in alphabetical order. The names from
       * the server's own configuration follow, in alphabetical order. Each has exactly one of `certificate`
       * (a mail domain), `file` (not written by this library), and only `reason` (the default).
       */
      readonly names: readonly {
        readonly name: string;
        readonly certificate?: string;
        readonly file?: string;
        readonly entry?: string;
        readonly reason?: string;
        /**
         * Present if the service presents nothing and ends the handshake with an alert, because of `reason`.
         */
        readonly refused?: true;
        /**
         * Present if DNS decides, when the certificate is ordered, whether it contains the name; absent if it
         * contains it.
         */
        readonly optional?: true;
      }[];
    }[];
  }[];
  readonly acknowledged: readonly AcknowledgedSubject[];
  /**
   * Entries of files such as `domains.txt` that are not served, sorted by `file` and `row` (its alias or
   * first name).
   */
  readonly leftOut: readonly { readonly file: string; readonly row: string; readonly reason: string }[];
}

/**
 * Renders the SNI table as JSON. Each name has a line, so that an added mail domain changes only its own
 * lines, in one place for each service.
 */
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

/**
 * Renders a list with one element on each line.
 *
 * @param indentation of the line on which the list begins
 */
function list(indentation: string, elements: readonly string[]): string {
  if (elements.length === 0) return "[]";
  const line = `\n${indentation}`;
  return `[${line}  ${elements.join(`,${line}  `)}${line}]`;
}
