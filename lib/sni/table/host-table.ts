import { TerraformStack } from "cdktf";
import type { MailHost } from "../../host/mail-host";
import type { IMailService } from "../../service/mail-service";
import type { Lookup } from "../../service/served-certificate";

/** Who is served what on one host, whichever `MailSni` declares it. */
export interface HostTable {
  /** Of the stack that looks after the host. */
  readonly stack: string;
  readonly host: string;
  /** What a client may ask for, sorted: what is declared, and what the servers' own configuration has besides. */
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
}

/** Asks each service of a host for each name, as far as everything is declared by now. */
export function hostTable(host: MailHost): HostTable {
  const { served, services } = host;
  const names = [
    ...new Set([
      ...served.all.flatMap((certificate) => certificate.names),
      ...services.flatMap(({ otherNames = [] }) => otherNames),
    ]),
  ].sort();
  return {
    stack: TerraformStack.of(host).node.id,
    host: host.name,
    names,
    services: [...services].sort(byName).map((service) => ({
      service,
      lookups: names.map((name) => service.lookup(name, served)),
    })),
    defaultDomain: served.defaultCertificate?.name,
  };
}

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
