import { TerraformStack, Token } from "cdktf";
import { Construct } from "constructs";
import {
  dehydratedErrors,
  domainErrors,
  errorOf,
  MailSniError,
  ruleErrors,
  sniErrors,
} from "../../shared/errors";
import { parseHostName } from "../../shared/host-name";
import { longestRunIntervalHours } from "../../shared/time/renewal-time";
import type { ICertificate, IIssuer } from "../certificate/certificate";
import { keptOnHost } from "../certificate/dehydrated-issuer";
import { HostNames, parseLiteral } from "../domain/host-names";
import { type MailDomain, type MailDomainOptions, makeMailDomain } from "../domain/mail-domain";
import { listOf, type MailDomains } from "../domain/mail-domains";
import { HostDomains } from "../host/host-domains";
import type { MailHost } from "../host/mail-host";
import { PEM_ON_HOST } from "../host/renewal/installed-files";
import { checkSameStack } from "../host/same-stack";
import { StackProvider } from "../plugin/stack-provider";
import { addWarning } from "../plugin/stack-warnings";
import { type IssuanceJournal, journalBlock } from "./issuance-journal";
import { PublicFacts } from "./public-facts";
import { ServedChecks } from "./served-checks";
import { StackReview } from "./stack-review";
import { tableRows } from "./table/rows";
import { SniTable } from "./table/sni-table";

/** Properties of a `MailSni`. */
export interface MailSniProps {
  /** The hosts that serve the domains, unless a domain overrides them: at least one, in the same stack. */
  readonly hosts: MailHost[];
  /**
   * The issuer of the certificates, unless a domain overrides it.
   *
   * @default - each domain names its own issuer or certificate
   */
  readonly issuer?: IIssuer;
  /**
   * The domain whose certificate all hosts present to clients with no SNI, or an unlisted name: qmail's
   * `control/servercert.pem`, Dovecot's global certificate. It must be one of the declared domains, on all
   * hosts. Its own names are served as well.
   *
   * @default - the default domain of the `MailDomains` that are added; each host needs one from exactly one
   *   `MailSni`
   */
  readonly defaultDomain?: string;
  /**
   * The names that are served, unless a domain overrides them.
   *
   * @default HostNames.core()
   */
  readonly names?: HostNames;
  /**
   * The interval between two scheduled deploys, in hours, above 0. Certificates that expire before a failed
   * renewal can be retried are refused (SNI013). The provider renews a certificate that would expire before
   * the next deploy.
   *
   * @default - not checked
   */
  readonly runIntervalHours?: number;
  /**
   * Whether each plan checks with handshakes that the hosts serve the certificates that the last deploy installed, and
   * warns of each name for which a host does not: a data source and a `check` block for each host. Certificates that the
   * plan changes are skipped. The plan makes one handshake for each name at each port, in 30 seconds a host at most.
   * `MAIL_SNI_SERVED=skip` in the environment of a plan skips it.
   *
   * @default false
   */
  readonly servedChecks?: boolean;
  /**
   * Where the provider writes down what it orders from an ACME CA, so that a killed deploy loses no certificate. A stack has
   * one journal.
   *
   * @default - `mail-sni` in `$XDG_STATE_HOME`, or in `~/.local/state`
   */
  readonly journal?: IssuanceJournal;
  /**
   * The domains to add when the construct is created.
   *
   * @default - none: add domains with `addDomain` and `addDomains`
   */
  readonly domains?: MailDomains;
}

/**
 * Mail domains, and the hosts that present each domain's certificate to clients that send one of its names
 * (SNI).
 *
 * Everything that is known before Terraform plans is checked as soon as it is declared. A mistake is refused
 * with a `MailSniError` that says what to write instead.
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
    for (const host of props.hosts) checkSameStack(this, host);
    const { runIntervalHours: interval } = props;
    if (interval !== undefined && !isInterval(interval)) throw sniErrors.runIntervalInvalid(interval);
    const stack = TerraformStack.of(this);
    if (props.journal !== undefined) StackProvider.of(this).setJournal(journalBlock(props.journal, stack));
    this.props = props;
    this.hosts = [...new Set(props.hosts)];
    if (props.defaultDomain !== undefined) this.setDefault(parseLiteral(props.defaultDomain, parseHostName));
    if (props.domains !== undefined) this.addDomains(props.domains);
    this.node.addValidation({ validate: () => this.validateWhole() });
    StackReview.of(this).add(this.hosts, () => this.domains);
    PublicFacts.of(this).add(() => this.domains);
    if (props.servedChecks) for (const host of this.hosts) ServedChecks.of(this).add(host);
  }

  /** The domains added so far, in the order in which they were added. */
  public get domains(): MailDomain[] {
    return [...this.added.values()];
  }

  /**
   * Adds a mail domain: its names are served with a certificate of its own.
   *
   * @param domain the part of mail addresses after the @, as Unicode or A-labels
   * @throws MailSniError if a name is invalid, already taken, or cannot be served; if there is no certificate
   *   for it
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
      adoptFrom: options.adoptFrom,
      runIntervalHours: this.props.runIntervalHours,
    });
    this.added.set(name, added);
    this.warnAbout(added);
    const { certificate } = added;
    this.checkRunInterval(name, certificate);
    const kept = keptOnHost(certificate);
    if (kept !== undefined && (hosts.length > 1 || hosts[0] !== kept.host))
      throw dehydratedErrors.hosts(name, kept.host.name, namesOf(hosts));
    const pem = kept === undefined ? about(name, () => certificate.combinedPem(this)) : PEM_ON_HOST;
    const served = { name, names, pem, optionalNames: certificate.optionalNames };
    for (const domain of admitted) {
      domain.serve(added, served, kept?.delivery);
      if (name === this.defaultDomain) domain.serveByDefault(added, served, kept?.delivery);
    }
    const list = options.names && listOf(options.names);
    if (list !== undefined) StackReview.of(this).addList(list);
    return added;
  }

  /**
   * Adds all domains of a list, each with its listed names. The list's default domain becomes the default of
   * the hosts, unless they already have one.
   *
   * @param options for all of the domains; `names` is ignored
   * @throws MailSniError whose problem names the position at which the domain is listed
   */
  public addDomains(domains: MailDomains, options: MailDomainOptions = {}): MailDomain[] {
    if (domains.entries.length === 0) throw domainErrors.listEmpty();
    if (!this.hosts.some((host) => HostDomains.of(host).hasDefault)) this.setDefault(domains.defaultDomain);
    return domains.entries.map(({ domain, names, source }) =>
      about(source, () => this.addDomain(domain, { ...options, names })),
    );
  }

  /**
   * The SNI table: what the hosts of this `MailSni` present for each name, as far as it is declared so far.
   */
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

  /** Checks that a renewal that fails once is retried before the certificate expires. */
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

function namesOf(hosts: readonly MailHost[]): string[] {
  return hosts.map(({ name }) => name);
}

function isInterval(hours: number): boolean {
  return Token.isUnresolved(hours) || (hours > 0 && hours <= LONGEST_INTERVAL_HOURS);
}

/** A leap year in hours: the provider has the same limit. */
const LONGEST_INTERVAL_HOURS = 8_784;

/** Runs a check, and prefixes its error with the subject that it is about. */
function about<T>(subject: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof MailSniError ? errorOf(subject, error) : error;
  }
}
