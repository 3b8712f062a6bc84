import { TerraformStack } from "cdktf";
import type { MailHost } from "../../host/mail-host";
import type { IMailService } from "../../service/mail-service";
import type { Lookup } from "../../service/served-certificate";
import { lookupOfListed } from "./listed-name";

/** Who is served what on one host, whichever `MailSni` declares it. */
export interface HostTable {
  /** Of the stack that looks after the host. */
  readonly stack: string;
  readonly host: string;
  /**
   * What a client may ask for: the names of each mail domain together, the domains by name, so that a domain more or less
   * is a change in one place; behind them what the servers' own configuration has besides, by name.
   */
  readonly names: readonly string[];
  /** By name. */
  readonly services: readonly ServiceTable[];
  /** The mail domain whose certificate is the default; undefined where there is none. */
  readonly defaultDomain?: string;
}

export interface ServiceTable {
  readonly service: IMailService;
  /** What the service finds for each of the host's names, in their order. */
  readonly lookups: readonly Lookup[];
  /** Whether the service ends the handshake where a client sends what cannot be a host name. */
  readonly refusesMalformedNames: boolean;
}

/** Asks each service of a host for each name, as far as everything is declared by now. */
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

/** What no client sends that looks a host name up. */
const MALFORMED = "../*";

/**
 * Whether the certificate that is presented may turn out not to be for the name. `undefined` where it is, so that rows which
 * say nothing of it hold nothing.
 */
export function isOptional(name: string | undefined, { certificate }: Lookup): true | undefined {
  const { optionalNames } = certificate ?? {};
  return name !== undefined && optionalNames?.includes(name) ? true : undefined;
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : 1;
}
