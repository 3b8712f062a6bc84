import type { Construct } from "constructs";
import { ruleErrors, sniErrors } from "../../shared/errors";
import type { HostContent } from "../service/host-content";
import type { IMailService } from "../service/mail-service";
import { type ServedCertificate, ServedCertificates } from "../service/served-certificate";
import type { HostPart } from "./host-delivery";

/** Brings a part of what a host is to have there, as each of its services wants it. */
export type Deliver = (
  scope: Construct,
  part: HostPart,
  contentOf: (service: IMailService) => HostContent,
) => void;

/** The mail domains of one host, whichever `MailSni` declares them: each name has one certificate, the rest one default. */
export class HostDomains {
  /** @param host one that has been constructed */
  public static of(host: Construct): HostDomains {
    return ofHosts.get(host) as HostDomains;
  }

  /** Who declares what, for messages. */
  private readonly domains = new Map<string, string>();
  private readonly names = new Map<string, string>();
  private readonly certificates: ServedCertificate[] = [];
  private defaultParty?: string;
  private defaultCertificate?: ServedCertificate;
  /** Of what is declared so far; made when it is asked for. */
  private known?: ServedCertificates;

  constructor(
    private readonly host: Construct & { readonly name: string },
    private readonly deliver: Deliver,
  ) {
    ofHosts.set(host, this);
  }

  /** What the host presents, as far as it is declared by now. */
  public get served(): ServedCertificates {
    this.known ??= ServedCertificates.of(this.certificates, this.defaultCertificate);
    return this.known;
  }

  /** Whether some `MailSni` names the host's default. */
  public get hasDefault(): boolean {
    return this.defaultParty !== undefined;
  }

  /**
   * Reserves the host's one default.
   *
   * @param party who will declare it, for messages
   * @throws MailSniError `DEFAULT_TWICE`
   */
  public reserveDefault(party: string): void {
    if (this.defaultParty !== undefined)
      throw sniErrors.defaultTwice(this.host.name, this.defaultParty, party);
    this.defaultParty = party;
  }

  /**
   * Admits a domain that the host presents no certificate for yet, nor for one of its names.
   *
   * @param party who declares it, for messages
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
      serve: (scope, certificate) => this.serve(scope, certificate, party),
      serveByDefault: (scope, certificate) => this.serveByDefault(scope, certificate),
    };
  }

  private serve(scope: Construct, certificate: ServedCertificate, party: string): void {
    this.deliver(scope, { kind: "domain", certificate }, (service) => service.certificateFiles(certificate));
    this.domains.set(certificate.name, party);
    for (const name of certificate.names) this.names.set(name, party);
    this.certificates.push(certificate);
    this.known = undefined;
  }

  private serveByDefault(scope: Construct, certificate: ServedCertificate): void {
    this.deliver(scope, { kind: "default", certificate }, (service) => service.defaultFiles(certificate));
    this.defaultCertificate = certificate;
    this.known = undefined;
  }
}

/** A domain that a host has room for. It takes none before it serves the domain: what fails until then can be tried again. */
export interface AdmittedDomain {
  /** Has the host present the domain's certificate to clients that ask for its names. */
  readonly serve: (scope: Construct, certificate: ServedCertificate) => void;
  /** Has the host present it to clients that ask for no name that it knows. */
  readonly serveByDefault: (scope: Construct, certificate: ServedCertificate) => void;
}

const ofHosts = new WeakMap<Construct, HostDomains>();
