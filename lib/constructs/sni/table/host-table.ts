import { TerraformStack } from "cdktf";
import type { MailHost } from "../../host/mail-host";
import type { IMailService } from "../../service/mail-service";
import type { Lookup } from "../../service/served-certificate";
import { lookupOfListed } from "./listed-name";

/** The SNI table of one host, for all `MailSni` constructs. */
export interface HostTable {
  /** The stack that manages the host. */
  readonly stack: string;
  readonly host: string;
  /**
   * The names that a client may send. The names of a mail domain are consecutive, and the domains are in
   * alphabetical order, so that an added domain is a change in one place. The names from the servers' own
   * configuration follow, in alphabetical order.
   */
  readonly names: readonly string[];
  /** The services, sorted by name. */
  readonly services: readonly ServiceTable[];
  /** The mail domain whose certificate is the default; undefined if there is none. */
  readonly defaultDomain?: string;
}

export interface ServiceTable {
  readonly service: IMailService;
  /** The results of the service's lookups for each of the host's names, in their order. */
  readonly lookups: readonly Lookup[];
  /** Whether the service ends the handshake if a client sends what cannot be a host name. */
  readonly refusesMalformedNames: boolean;
}

/** Looks up each name in each service of a host, as far as everything is declared so far. */
export function hostTable(host: MailHost): HostTable {
  const { served, services } = host;
  const names = [
    ...new Set([
      ...served.all.sort(byName).flatMap((certificate) => certificate.names),
      ...services.flatMap(({ otherNames = [] }) => otherNames).sort(),
    ]),
  ];
  return {
    stack: TerraformStack.of(host).node.id,
    host: host.name,
    names,
    services: [...services].sort(byName).map((service) => ({
      service,
      lookups: names.map((name) => lookupOfListed(name, service, served)),
      refusesMalformedNames: service.lookup(MALFORMED, served).refused === true,
    })),
    defaultDomain: served.defaultCertificate?.name,
  };
}

/** A name that no client sends, since it cannot be resolved. */
const MALFORMED = "../*";

/**
 * Whether the certificate that is presented may lack the name. `undefined` if it has the name, so that rows
 * of names which are not optional have no such member.
 */
export function isOptional(name: string | undefined, { certificate }: Lookup): true | undefined {
  const { optionalNames } = certificate ?? {};
  return name !== undefined && optionalNames?.includes(name) ? true : undefined;
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : 1;
}
