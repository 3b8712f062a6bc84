import { type TerraformResource, Token } from "cdktf";
import { Construct } from "constructs";
import { acmeErrors, ruleErrors } from "../../shared/errors";
import { parseHostName, withoutCovered } from "../../shared/host-name";
import { longestRunIntervalHours } from "../../shared/time/renewal-time";
import { checkId, logicalId } from "../bindings/addresses";
import { AcmeAccount } from "../bindings/mailsni/acme-account";
import { AcmeCertificate as AcmeCertificateResource } from "../bindings/mailsni/acme-certificate";
import { reference } from "../bindings/reference";
import { StackIdentity } from "../bindings/stack-identity";
import { StackProvider } from "../plugin/stack-provider";
import { addWarning } from "../plugin/stack-warnings";
import type { CertificateRequest, ICertificate, IIssuer } from "./certificate";
import { type Challenge, challengeRendering } from "./challenge";
import { IssuedCertificate } from "./issued-certificate";
import type { KeyAlgorithm } from "./key-algorithm";
import { lifetimeAt, lifetimesAfter } from "./lets-encrypt";

export interface AcmeIssuerProps {
  /** How it is proven to the CA that the names are yours. */
  readonly challenge: Challenge;
  /**
   * An e-mail address at which the CA may reach you. Another one changes the account, and makes no other.
   *
   * @default - none; Let's Encrypt keeps none
   */
  readonly contact?: string;
  /**
   * Whether you agree to the CA's terms of service, without which CAs open no account.
   *
   * @default true: read them first
   */
  readonly termsOfServiceAgreed?: boolean;
  /**
   * A private key of your own for the account, PEM: a Terraform expression, ephemeral ones included. It is kept in no plan
   * and no state. The account that the CA has for it already is found again.
   *
   * @default - one is made, and kept in the state
   */
  readonly accountKey?: string;
  /**
   * What of a domain's names DNS may have or not, as labels below the domain, `@` for the domain itself: ordered if, and only
   * if, they can be proven, since an order is all or nothing. Over HTTP that is where all their addresses are among those of
   * the domain's other names and of the hosts that the challenge is put on. Hosts have entries for them always. In upper or lower case, as Unicode or A-labels.
   *
   * @default ["@", "pop", "pop3"]
   */
  readonly optionalLabels?: string[];
  /** @default KeyAlgorithm.ECDSA_P256 */
  readonly keyAlgorithm?: KeyAlgorithm;
  /**
   * Whether a renewed certificate keeps its private key, so that TLSA records 3 1 1 stay right.
   *
   * @default false
   */
  readonly reuseKey?: boolean;
  /**
   * One of the profiles that the CA's directory lists, such as Let's Encrypt's `tlsserver` (no CN, 45 days) or `shortlived`
   * (six days).
   *
   * @default - the CA chooses
   */
  readonly profile?: string;
  /**
   * The name (CN) of the issuer at the end of the chain, where the CA offers several.
   *
   * @default - the CA's own choice
   */
  readonly preferredChain?: string;
  /**
   * Any text: another one has all certificates made anew, in place, for emergencies.
   *
   * @default - certificates are renewed when they are due
   */
  readonly reissue?: string;
  /**
   * How many certificates that there were none of before from this CA one deploy orders, for moving many domains within the
   * CA's limits. Orders that fail do not count, unless the CA's own limit is why. What is beyond is an error that says so, and is
   * ordered by the next deploy. Renewals do not count.
   *
   * @default - as many as there are
   */
  readonly maxNewOrdersPerRun?: number;
  /**
   * A renewal that fails is a warning as long as more than this part of the lifetime is left and another deploy comes before
   * the certificate expires (`runIntervalHours` of the `MailSni`), then an error. From 0 to 1.
   *
   * @default 0.15
   */
  readonly criticalFraction?: number;
}

export interface AcmeDirectoryProps extends AcmeIssuerProps {
  /**
   * Who vouches for the directory's own certificate, as PEM: for a CA of one's own.
   *
   * @default - the public CAs
   */
  readonly caCertificate?: string;
  /**
   * An account that you have with the CA otherwise (external account binding, RFC 8555 §7.3.4).
   *
   * @default - the CA asks for none
   */
  readonly externalAccount?: ExternalAccount;
}

export interface ExternalAccount {
  readonly keyId: string;
  /** Base64url, as the CA shows it: a Terraform expression, ephemeral ones included. It is kept in no plan and no state. */
  readonly hmacKey: string;
}

/** Set by the class, which alone has what it returns. */
let settingsOf: (issuer: AcmeIssuer) => AcmeIssuerSettings;

/**
 * A CA that speaks ACME (RFC 8555), with an account there. The provider orders, renews and re-issues; nothing is ever revoked.
 *
 * The construct's id is a part of the account's address: letters, digits, hyphens and dots.
 */
export class AcmeIssuer extends Construct implements IIssuer {
  /**
   * Let's Encrypt. Its limits are meant for few domains a week: move many at a time after a trial with `letsEncryptStaging`.
   *
   * @throws MailSniError `ACME_CONTACT`, `ID_INVALID`
   */
  public static letsEncrypt(scope: Construct, id: string, props: AcmeIssuerProps): AcmeIssuer {
    return new AcmeIssuer(scope, id, { url: directoryUrl("acme-v02"), isLetsEncrypt: true }, props);
  }

  /**
   * Let's Encrypt's environment for trials: generous limits, certificates that nobody trusts.
   *
   * @throws MailSniError `ACME_CONTACT`, `ID_INVALID`
   */
  public static letsEncryptStaging(scope: Construct, id: string, props: AcmeIssuerProps): AcmeIssuer {
    return new AcmeIssuer(scope, id, { url: directoryUrl("acme-staging-v02"), isLetsEncrypt: true }, props);
  }

  /**
   * Any other CA.
   *
   * @param url of its ACME directory
   * @throws MailSniError `ACME_CONTACT`, `ACME_DIRECTORY`, `ID_INVALID`
   */
  public static directory(scope: Construct, id: string, url: string, props: AcmeDirectoryProps): AcmeIssuer {
    if (!Token.isUnresolved(url) && !/^https:\/\/[^/]/.test(url)) throw acmeErrors.directoryInvalid(url);
    return new AcmeIssuer(scope, id, { url, isLetsEncrypt: false }, props);
  }

  private readonly account: AcmeAccount;

  private constructor(
    scope: Construct,
    id: string,
    private readonly ca: CertificateAuthority,
    private readonly props: AcmeDirectoryProps,
  ) {
    super(scope, id);
    const { contact, termsOfServiceAgreed = true, externalAccount } = props;
    if (contact !== undefined && !isAddress(contact)) throw acmeErrors.contactInvalid(contact);
    StackProvider.of(this);
    this.account = new AcmeAccount(this, "resource", {
      directoryUrl: ca.url,
      directoryCaPem: props.caCertificate,
      contact: contact === undefined ? undefined : [contact],
      termsOfServiceAgreed,
      accountKeyPem: props.accountKey,
      externalAccountKeyId: externalAccount?.keyId,
      externalAccountHmacKey: externalAccount?.hmacKey,
    });
    this.account.overrideLogicalId(logicalId.acmeAccount(checkId("an ACME issuer", id)));
    StackIdentity.of(this).precede(this.account);
  }

  /** The account's URL, for `accounturi` in CAA records (RFC 8657): a Terraform expression. */
  public get accountUrl(): string {
    return this.account.url;
  }

  /** @throws MailSniError `SNI010`, `SNI011`, `SNI012`; what is wrong with one of `optionalLabels` (`HOST_NAME_…`) */
  public issueCertificate(scope: Construct, id: string, request: CertificateRequest): AcmeCertificate {
    return new AcmeCertificate(scope, id, { issuer: this, ...request });
  }

  static {
    settingsOf = (issuer) => ({ ca: issuer.ca, props: issuer.props, account: issuer.account });
  }
}

/** Once each, ahead of the day on which deploys are refused for that. */
function warnOfShorterLifetimes({
  issuer,
  runIntervalHours: interval,
}: Pick<AcmeCertificateProps, "issuer" | "runIntervalHours">): void {
  if (interval === undefined || Token.isUnresolved(interval)) return;
  const profile = settingsOf(issuer).props.profile ?? DEFAULT_PROFILE;
  for (const { from, hours } of lifetimesAfter(profile, new Date())) {
    const longest = longestRunIntervalHours(hours);
    const warning = ruleErrors.runsTooRare({ profile, from }, hours, interval, longest);
    if (interval > longest) addWarning(issuer, warning);
  }
}

interface AcmeIssuerSettings {
  readonly ca: CertificateAuthority;
  readonly props: AcmeDirectoryProps;
  readonly account: AcmeAccount;
}

interface CertificateAuthority {
  readonly url: string;
  readonly isLetsEncrypt: boolean;
}

function directoryUrl(host: string): string {
  return `https://${host}.api.letsencrypt.org/directory`;
}

function isAddress(contact: string): boolean {
  return Token.isUnresolved(contact) || /^(?!mailto:)[^\s@,?]+@[^\s@,?]+$/.test(contact);
}

function checkIssuable(
  { domain, names }: CertificateRequest,
  { isLetsEncrypt }: CertificateAuthority,
  props: AcmeIssuerProps,
): void {
  const wildcard = names.find((name) => name.startsWith("*."));
  if (wildcard !== undefined && challengeRendering(props.challenge).isHttp)
    throw ruleErrors.wildcardOverHttp(wildcard);
  if (!isLetsEncrypt) return;
  const inside = names.filter((name) => NOT_PUBLIC.test(name));
  if (inside.length > 0) throw ruleErrors.namesNotPublic(inside);
  const most = MOST_NAMES.get(props.profile ?? DEFAULT_PROFILE);
  if (most !== undefined && names.length > most) {
    throw ruleErrors.tooManyNames(domain, names.length, props.profile ?? DEFAULT_PROFILE, most);
  }
}

/** Special-use names (RFC 6761, 6762, 7686, 8375, 9476) and `internal`; and names without a dot, which are no public ones. */
const NOT_PUBLIC =
  /^[^.]+$|(^|\.)(alt|example|home\.arpa|internal|invalid|lan|local|localdomain|localhost|onion|test)$/;

/** What Let's Encrypt chooses. */
const DEFAULT_PROFILE = "classic";

/** Of Let's Encrypt's profiles. */
const MOST_NAMES: ReadonlyMap<string, number> = new Map([
  ["classic", 100],
  ["tlsserver", 25],
  ["shortlived", 25],
]);

export interface AcmeCertificateProps extends CertificateRequest {
  /** Who orders it. */
  readonly issuer: AcmeIssuer;
}

/**
 * A certificate that an `AcmeIssuer` orders. Names that a wildcard among them covers are not ordered beside it, so `dnsNames`
 * has the wildcard alone. Its attributes are Terraform expressions.
 */
export class AcmeCertificate extends IssuedCertificate {
  public readonly optionalNames: string[];
  protected readonly resource: TerraformResource;

  /** @throws MailSniError `SNI010`, `SNI011`, `SNI012`; what is wrong with one of `optionalLabels` (`HOST_NAME_…`) */
  constructor(scope: Construct, id: string, request: AcmeCertificateProps) {
    const { issuer, domain, runIntervalHours } = request;
    const { ca, props, account } = settingsOf(issuer);
    const names = withoutCovered(request.names);
    checkIssuable({ domain, names }, ca, props);
    if (ca.isLetsEncrypt) warnOfShorterLifetimes(request);
    super(scope, id, names, ca.isLetsEncrypt ? timesOf(props.profile ?? DEFAULT_PROFILE) : {});
    this.optionalNames = optionalNames(domain, names, props.optionalLabels ?? ["@", "pop", "pop3"]);
    const { keyAlgorithm, reuseKey, preferredChain, reissue } = props;
    const { criticalFraction, maxNewOrdersPerRun } = props;
    this.resource = new AcmeCertificateResource(this, "resource", {
      directoryUrl: ca.url,
      directoryCaPem: props.caCertificate,
      accountUrl: reference(account, "url", this),
      accountKeyPem: props.accountKey ?? reference(account, "private_key_pem", this),
      names: names.filter((name) => !this.optionalNames.includes(name)),
      optionalNames: this.optionalNames.length > 0 ? this.optionalNames : undefined,
      challenge: challengeRendering(props.challenge).blockIn(this),
      keyAlgorithm,
      reuseKey,
      profile: props.profile,
      preferredChain,
      reissue,
      criticalFraction,
      maxNewOrdersPerRun,
      runIntervalHours,
    });
    this.resource.overrideLogicalId(logicalId.certificate(domain));
  }

  /** When it falls due for renewal, RFC 3339. */
  public get renewAt(): string {
    return this.resource.getStringAttribute("renew_at");
  }
}

/** Where the CA issues one today. */
function timesOf(profile: string): Pick<ICertificate, "lifetimeHours" | "longestRunIntervalHours"> {
  const lifetime = lifetimeAt(profile, new Date());
  if (lifetime === undefined) return {};
  return { lifetimeHours: lifetime.hours, longestRunIntervalHours: longestRunIntervalHours(lifetime.hours) };
}

/** Something has to be ordered: where all would be optional, none is. */
function optionalNames(domain: string, names: string[], labels: string[]): string[] {
  const listed = new Set<string>(
    labels.map((label) => (label === "@" ? domain : parseHostName(`${label}.${domain}`))),
  );
  const optional = names.filter((name) => listed.has(name));
  return optional.length < names.length ? optional : [];
}
