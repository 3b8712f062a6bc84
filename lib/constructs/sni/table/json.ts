import type { Lookup } from "../../service/served-certificate";
import type { TableContents } from "./contents";
import { type HostTable, isOptional, type ServiceTable } from "./host-table";

/**
 * Renders the SNI table as JSON, a `SniTableDocument` (`lib/shared/sni-table`). Each name has a line, so that
 * an added mail domain changes only its own lines, in one place for each service.
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
  const endpoints = service.endpoints.map(({ port, protocol, sni = true, optional }) => ({
    ...{ port, protocol, sni },
    ...(optional === true && { optional }),
  }));
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
