import { TerraformStack, Token } from "cdktf";
import { Construct } from "constructs";
import { domainErrors, errorOf, hostErrors, MailSniError, ruleErrors, sniErrors } from "../../shared/errors";
import { parseHostName } from "../../shared/host-name";
import { longestRunIntervalHours } from "../../shared/time/renewal-time";
import type { ICertificate, IIssuer } from "../certificate/certificate";
import { HostNames, parseLiteral } from "../domain/host-names";
import { type MailDomain, type MailDomainOptions, makeMailDomain } from "../domain/mail-domain";
import { listOf, type MailDomains } from "../domain/mail-domains";
import { HostDomains } from "../host/host-domains";
import type { MailHost } from "../host/mail-host";
import { addWarning } from "../plugin/stack-warnings";
import { StackReview } from "./stack-review";
import { tableRows } from "./table/rows";
import { SniTable } from "./table/sni-table";

export interface MailSniProps {
  /** Where the domains are served, if they do not say otherwise: at least one host of the same stack. */
  readonly hosts: MailHost[];
  /**
   * Who issues the certificates of domains that do not say otherwise.
   *
   * @default - each domain names its own issuer or certificate
   */
  readonly issuer?: IIssuer;
  /**
   * The domain whose certificate all hosts present to clients without SNI, or with an unlisted name: qmail's
   * `control/servercert.pem`, Dovecot's global certificate. It has to be declared, for all hosts, and is served under
   * its own names as well.
   *
   * @default - that of the `MailDomains` that are added; one `MailSni` a host has to have one
   */
  readonly defaultDomain?: string;
  /**
   * The names of domains that do not say otherwise.
   *
   * @default HostNames.core()
   */
  readonly names?: HostNames;
  /**
   * The number of hours between two scheduled deploys, above 0. Certificates whose renewal could not be tried twice before
   * they expire are refused (SNI013), and the provider renews a certificate that would expire before the next deploy.
   *
   * @default - not checked
   */
  readonly runIntervalHours?: number;
  /**
   * Domains to begin with.
   *
   * @default - none: they are added by `addDomain` and `addDomains`
   */
  readonly domains?: MailDomains;
}

/**
 * Mail domains and the hosts on which each client is presented the certificate of the name that it asks for (SNI).
 *
 * Everything that can be known before Terraform plans is checked as it is declared, and refused with a `MailSniError`
 * that says what to write instead.
 */
export class MailSni extends Construct {
  private readonly props: MailSniProps;
  private readonly hosts: MailHost[];
  private readonly added = new Map<string, MailDomain>();
  private defaultDomain?: string;

  /** @throws MailSniError */
  constructor(scope: Construct, id: string, props: MailSniProps) {
    super(scope, id);
    if (props.hosts.length === 0) throw sniErrors.hostsEmpty(`The MailSni ${this.node.path}`);
    for (const host of props.hosts) this.checkStack(host);
    const { runIntervalHours: interval } = props;
    if (interval !== undefined && !isInterval(interval)) throw sniErrors.runIntervalInvalid(interval);
    this.props = props;
    this.hosts = [...new Set(props.hosts)];
    if (props.defaultDomain !== undefined) this.setDefault(parseLiteral(props.defaultDomain, parseHostName));
    if (props.domains !== undefined) this.addDomains(props.domains);
    this.node.addValidation({ validate: () => this.validateWhole() });
    StackReview.of(this).add(this.hosts, () => this.domains);
  }

  /** The domains so far, in the order in which they were added. */
  public get domains(): MailDomain[] {
    return [...this.added.values()];
  }

  /**
   * Has a mail domain's names served with a certificate of its own.
   *
   * @param domain as Unicode or A-labels: what comes behind the @ of its addresses
   * @throws MailSniError where a name is none, is taken, or cannot be served; where no certificate can be had
   */
  public addDomain(domain: string, options: MailDomainOptions = {}): MailDomain {
    const name = parseLiteral(domain, parseHostName);
    const party = this.partyOf(name);
    const names = about(name, () => (options.names ?? this.props.names ?? HostNames.core()).resolve(name));
    const hosts = [...new Set(options.hosts ?? this.hosts)];
    this.checkDomain(name, hosts);
    const admitted = hosts.map((host) => HostDomains.of(host).admit(name, names, party));
    const added = makeMailDomain(this, name, {
      names,
      hosts,
      ...this.sourceOf(name, options),
      runIntervalHours: this.props.runIntervalHours,
    });
    this.added.set(name, added);
    this.warnAbout(added);
    const { certificate } = added;
    this.checkRunInterval(name, certificate);
    const served = {
      name,
      names,
      pem: about(name, () => certificate.combinedPem(this)),
      optionalNames: certificate.optionalNames,
    };
    for (const domain of admitted) domain.serve(added, served);
    if (name === this.defaultDomain) for (const domain of admitted) domain.serveByDefault(added, served);
    const list = options.names && listOf(options.names);
    if (list !== undefined) StackReview.of(this).addList(list);
    return added;
  }

  /**
   * Adds each of the domains with the names that are listed for it. Their default becomes that of the hosts, unless
   * those have one already.
   *
   * @param options of all of them; `names` are not looked at
   * @throws MailSniError whose problem names the place where the domain is listed
   */
  public addDomains(domains: MailDomains, options: MailDomainOptions = {}): MailDomain[] {
    if (domains.entries.length === 0) throw domainErrors.listEmpty();
    if (!this.hosts.some((host) => HostDomains.of(host).hasDefault)) this.setDefault(domains.defaultDomain);
    return domains.entries.map(({ domain, names, source }) =>
      about(source, () => this.addDomain(domain, { ...options, names })),
    );
  }

  /** Who is served what on the hosts of this `MailSni`, as far as everything is declared by now. */
  public table(): SniTable {
    return new SniTable(tableRows(this.hosts));
  }

  private setDefault(domain: string): void {
    this.defaultDomain = domain;
    for (const host of this.hosts) HostDomains.of(host).reserveDefault(this.partyOf(domain));
  }

  private partyOf(domain: string): string {
    return `${domain} of ${this.node.path}`;
  }

  private checkStack(host: MailHost): void {
    const [stack, other] = [TerraformStack.of(this), TerraformStack.of(host)];
    if (stack !== other) throw hostErrors.inAnotherStack(host.name, stack.node.id, other.node.id);
  }

  private checkDomain(name: string, hosts: MailHost[]): void {
    if (this.added.has(name)) throw sniErrors.domainTwice(name, this.node.path, this.node.path);
    if (hosts.length === 0) throw sniErrors.hostsEmpty(name);
    for (const host of hosts) {
      if (!this.hosts.includes(host)) {
        throw sniErrors.hostNotDeclared(
          name,
          host.name,
          this.hosts.map((known) => known.name),
        );
      }
    }
    const missing = this.hosts.filter((host) => !hosts.includes(host)).map((host) => host.name);
    if (name === this.defaultDomain && missing.length > 0)
      throw sniErrors.defaultNotEverywhere(name, missing);
  }

  /** A renewal that fails once has to have another chance. */
  private checkRunInterval(
    domain: string,
    { lifetimeHours, longestRunIntervalHours: own }: ICertificate,
  ): void {
    const { runIntervalHours } = this.props;
    if (lifetimeHours === undefined || runIntervalHours === undefined) return;
    if (Token.isUnresolved(runIntervalHours)) return;
    const longest = own ?? longestRunIntervalHours(lifetimeHours);
    if (runIntervalHours > longest) {
      throw ruleErrors.runsTooRare({ domain }, lifetimeHours, runIntervalHours, longest);
    }
  }

  private sourceOf(
    domain: string,
    { certificate, issuer }: MailDomainOptions,
  ): Pick<MailDomainOptions, "certificate" | "issuer"> {
    if (certificate === undefined) return { issuer: issuer ?? this.props.issuer };
    if (issuer !== undefined) throw sniErrors.certificateAndIssuer(domain);
    return { certificate };
  }

  private warnAbout(domain: MailDomain): void {
    const warnings = about(domain.name, () => domain.certificate.check(domain.names));
    for (const warning of warnings) addWarning(domain, warning);
  }

  private validateWhole(): string[] {
    if (this.added.size === 0) return [domainErrors.listEmpty().message];
    if (this.defaultDomain === undefined || this.added.has(this.defaultDomain)) return [];
    return [sniErrors.defaultNotDeclared(this.defaultDomain, [...this.added.keys()]).message];
  }
}

function isInterval(hours: number): boolean {
  return Token.isUnresolved(hours) || (hours > 0 && hours <= LONGEST_INTERVAL_HOURS);
}

/** A year, as the provider has it. */
const LONGEST_INTERVAL_HOURS = 8_784;

/** Has errors say what they are about. */
function about<T>(subject: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof MailSniError ? errorOf(subject, error) : error;
  }
}
