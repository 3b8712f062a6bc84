import type { Construct } from "constructs";
import { ruleErrors, sniErrors } from "../../shared/errors";
import type { HostContent } from "../service/host-content";
import type { IMailService } from "../service/mail-service";
import { type ServedCertificate, ServedCertificates } from "../service/served-certificate";
import type { HostPart, IHostDelivery } from "./host-delivery";

/** Declares the resources of a part of a host, with the files of each of its services. */
export type Deliver = (
  scope: Construct,
  part: HostPart,
  contentOf: (service: IMailService) => HostContent,
  delivery?: IHostDelivery,
) => void;

/**
 * The mail domains of one host, from all `MailSni` constructs. Each name has one certificate, and the host
 * has one default.
 */
export class HostDomains {
  /**
   * The domains of a host.
   *
   * @param host a host whose constructor has finished
   */
  public static of(host: Construct): HostDomains {
    return ofHosts.get(host) as HostDomains;
  }

  /** The declaring `MailSni` of each domain, for messages. */
  private readonly domains = new Map<string, string>();
  private readonly names = new Map<string, string>();
  private readonly certificates: ServedCertificate[] = [];
  private defaultParty?: string;
  private defaultCertificate?: ServedCertificate;
  /** The certificates declared so far; computed on demand. */
  private known?: ServedCertificates;

  constructor(
    private readonly host: Construct & { readonly name: string },
    private readonly deliver: Deliver,
  ) {
    ofHosts.set(host, this);
  }

  /** The certificates that the host presents, as far as they are declared so far. */
  public get served(): ServedCertificates {
    this.known ??= ServedCertificates.of(this.certificates, this.defaultCertificate);
    return this.known;
  }

  /** Whether a `MailSni` declares the host's default. */
  public get hasDefault(): boolean {
    return this.defaultParty !== undefined;
  }

  /**
   * Reserves the host's default.
   *
   * @param party the domain and `MailSni` that declare it, for messages
   * @throws MailSniError `DEFAULT_TWICE`
   */
  public reserveDefault(party: string): void {
    if (this.defaultParty !== undefined)
      throw sniErrors.defaultTwice(this.host.name, this.defaultParty, party);
    this.defaultParty = party;
  }

  /**
   * Checks that the host presents no certificate yet for the domain or one of its names.
   *
   * @param party the domain and `MailSni` that declare it, for messages
   * @throws MailSniError `DOMAIN_TWICE`, `SNI001`
   */
  public admit(domain: string, names: readonly string[], party: string): AdmittedDomain {
    const declaredBy = this.domains.get(domain);
    if (declaredBy !== undefined) throw sniErrors.domainTwice(domain, declaredBy, party);
    for (const name of names) {
      const other = this.names.get(name);
      if (other !== undefined) throw ruleErrors.nameTaken(name, this.host.name, other, party);
    }
    return {
      serve: (scope, certificate, delivery) => this.serve(scope, certificate, party, delivery),
      serveByDefault: (scope, certificate, delivery) => this.serveByDefault(scope, certificate, delivery),
    };
  }

  private serve(
    scope: Construct,
    certificate: ServedCertificate,
    party: string,
    delivery?: IHostDelivery,
  ): void {
    const part: HostPart = { kind: "domain", certificate };
    this.deliver(scope, part, (service) => service.certificateFiles(certificate), delivery);
    this.domains.set(certificate.name, party);
    for (const name of certificate.names) this.names.set(name, party);
    this.certificates.push(certificate);
    this.known = undefined;
  }

  private serveByDefault(scope: Construct, certificate: ServedCertificate, delivery?: IHostDelivery): void {
    const part: HostPart = { kind: "default", certificate };
    this.deliver(scope, part, (service) => service.defaultFiles(certificate), delivery);
    this.defaultCertificate = certificate;
    this.known = undefined;
  }
}

/**
 * A domain that a host can serve. Its names are reserved only when `serve` is called, so a declaration that
 * fails before can be repeated.
 */
export interface AdmittedDomain {
  /**
   * Makes the host present the domain's certificate to clients that send one of its names.
   *
   * @param delivery what brings the files there, if the host issues the certificate itself
   */
  readonly serve: Serve;
  /** Makes the host present the certificate to clients with no SNI, or an unlisted name. */
  readonly serveByDefault: Serve;
}

type Serve = (scope: Construct, certificate: ServedCertificate, delivery?: IHostDelivery) => void;

const ofHosts = new WeakMap<Construct, HostDomains>();
