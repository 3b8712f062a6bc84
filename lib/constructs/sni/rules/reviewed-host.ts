import { covers, type HostName } from "../../../shared/host-name";
import type { MailDomain } from "../../domain/mail-domain";
import type { MailHost } from "../../host/mail-host";
import type { ServiceEndpoint } from "../../service/mail-service";
import { type HostTable, hostTable } from "../table/host-table";
import { isByDefault, lookupOfListed } from "../table/listed-name";

/** A mail host with what it serves, as rules see it. */
export class ReviewedHost {
  public readonly table: HostTable;
  private readonly defaultNames: ReadonlySet<string>;
  private readonly defaultWildcards: readonly string[];
  private readonly byName: ReadonlyMap<string, MailDomain>;

  /** @param domains the domains that the host serves, from all `MailSni` constructs */
  constructor(
    public readonly host: MailHost,
    public readonly domains: readonly MailDomain[],
  ) {
    this.table = hostTable(host);
    this.byName = new Map(domains.map((domain) => [domain.name, domain]));
    const byDefault = this.domainOf(this.table.defaultDomain);
    this.defaultNames = new Set(byDefault && coveredNames(byDefault));
    this.defaultWildcards = [...this.defaultNames].filter((name) => name.startsWith("*"));
  }

  public get name(): string {
    return this.host.name;
  }

  public serves(domain: MailDomain): boolean {
    return this.byName.get(domain.name) === domain;
  }

  /** The mail domain of a certificate that the host serves. */
  public domainOf(certificate: string | undefined): MailDomain | undefined {
    return certificate === undefined ? undefined : this.byName.get(certificate);
  }

  /**
   * Whether a client that sends `name` accepts the default certificate; for a wildcard, whether all such
   * clients do.
   */
  public defaultCovers(name: string): boolean {
    if (this.defaultNames.has(name)) return true;
    return this.defaultWildcards.length > 0 && covers(this.defaultWildcards, name as HostName);
  }

  /**
   * Whether a client that sends `name` is presented a certificate that it does not accept, because the server
   * has no entry for the name.
   *
   * @param counts whether an endpoint counts; endpoints that ignore SNI never do
   */
  public lacksCertificate(
    name: string,
    counts: (endpoint: ServiceEndpoint) => boolean = () => true,
  ): boolean {
    if (this.defaultCovers(name)) return false;
    return this.table.services.some(
      ({ service }) =>
        service.endpoints.some((endpoint) => endpoint.sni !== false && counts(endpoint)) &&
        isByDefault(lookupOfListed(name, service, this.host.served)),
    );
  }
}

/** The domains of all hosts, each once, in the order of the first host that serves it. */
export function domainsOf(hosts: readonly ReviewedHost[]): MailDomain[] {
  return [...new Set(hosts.flatMap(({ domains }) => domains))];
}

/**
 * The names that clients accept a domain's certificate for, as far as they are known: at least its own names.
 */
export function coveredNames({ certificate, names }: MailDomain): readonly string[] {
  return certificate.dnsNames ?? names;
}
