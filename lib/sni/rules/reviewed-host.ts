import { covers, type HostName } from "../../common/host-name";
import type { MailHost } from "../../host/mail-host";
import type { ServiceEndpoint } from "../../service/mail-service";
import type { Lookup } from "../../service/served-certificate";
import type { MailDomain } from "../mail-domain";
import { type HostTable, hostTable } from "../table/host-table";

/** A mail host with what it serves, as rules look at it. */
export class ReviewedHost {
  public readonly table: HostTable;
  private readonly defaultNames: readonly string[];
  private readonly byName: ReadonlyMap<string, MailDomain>;

  /** @param domains that are served there, of all `MailSni` */
  constructor(
    public readonly host: MailHost,
    public readonly domains: readonly MailDomain[],
  ) {
    this.table = hostTable(host);
    this.byName = new Map(domains.map((domain) => [domain.name, domain]));
    const byDefault = this.domainOf(this.table.defaultDomain);
    this.defaultNames = byDefault === undefined ? [] : coveredNames(byDefault);
  }

  public get name(): string {
    return this.host.name;
  }

  /** The mail domain of a certificate that is served there. */
  public domainOf(certificate: string | undefined): MailDomain | undefined {
    return certificate === undefined ? undefined : this.byName.get(certificate);
  }

  /** Whether a client that asks for `name` accepts the default certificate; of a wildcard: any such client. */
  public defaultCovers(name: string): boolean {
    return this.defaultNames.includes(name) || covers(this.defaultNames, name as HostName);
  }

  /**
   * Whether a client that asks for `name` is presented a certificate that it does not accept, since the server does not
   * know the name.
   *
   * @param counts whether an endpoint counts; those at which names do not matter never do
   */
  public isStranger(name: string, counts: (endpoint: ServiceEndpoint) => boolean = () => true): boolean {
    if (this.defaultCovers(name)) return false;
    return this.table.services.some(
      ({ service }) =>
        service.endpoints.some((endpoint) => endpoint.sni !== false && counts(endpoint)) &&
        isByDefault(service.lookup(name, this.host.served)),
    );
  }
}

/** What clients accept a domain's certificate for, as far as it is known: its own names at least. */
export function coveredNames({ certificate, names }: MailDomain): readonly string[] {
  return certificate.dnsNames ?? names;
}

function isByDefault({ certificate, file }: Lookup): boolean {
  return certificate === undefined && file === undefined;
}
