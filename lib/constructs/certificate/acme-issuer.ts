import { type TerraformResource, Token } from "cdktf";
import { Construct } from "constructs";
import { DEFAULT_PROFILE } from "../../shared/acme/lets-encrypt";
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
import { type AdoptFrom, adoptedFile, adoptedFiles } from "./adoption";
import type { CertificateRequest, ICertificate, IIssuer } from "./certificate";
import {
  type CertificateAuthority,
  checkContact,
  checkIssuable,
  LETS_ENCRYPT,
  LETS_ENCRYPT_STAGING,
  otherAuthority,
  refuseEmptyTexts,
} from "./certificate-authority";
import { type Challenge, challengeRendering } from "./challenge";
import { IssuedCertificate } from "./issued-certificate";
import type { KeyAlgorithm } from "./key-algorithm";
import { lifetimeAt, lifetimesAfter } from "./lets-encrypt";

/** Properties of an ACME issuer. */
export interface AcmeIssuerProps {
  /** How the provider proves to the CA that you control the names. */
  readonly challenge: Challenge;
  /**
   * The e-mail address at which the CA may contact you. A changed address updates the account; it does not
   * open another one.
   *
   * @default - none; Let's Encrypt keeps none
   */
  readonly contact?: string;
  /**
   * Whether you agree to the CA's terms of service. CAs open no account without this agreement.
   *
   * @default true: read the terms first
   */
  readonly termsOfServiceAgreed?: boolean;
  /**
   * Your own private key (PEM) for the account: a Terraform expression, which may be ephemeral. Neither a
   * plan nor the state contains it. If the CA already has an account for this key, the provider uses that
   * account.
   *
   * @default - the provider generates a key and keeps it in the state
   */
  readonly accountKey?: string;
  /**
   * Certificates that exist already, for the issuer to use instead of new ones: the files of each domain.
   *
   * @default - none: every certificate is ordered
   */
  readonly adoptFrom?: AdoptFrom;
  /**
   * The file with the key of an account that exists already, on the machine that deploys: a PEM, as dehydrated, lego and
   * acme.sh write it, or certbot's `private_key.json`. The provider reads it when it creates the account's resource, and
   * never again; the state has the key from then on. The file must belong to root or to the user who deploys, and must not be
   * readable for every user. A relative path is relative to the project's directory. Not with `accountKey`.
   *
   * @default - a new account is created, or that of `accountKey` is used
   */
  readonly adoptAccountKey?: string;
  /**
   * Labels of the names that are optional: names that DNS may or may not have. Each is a label below the
   * domain, in upper or lower case, as Unicode or A-label; `@` is the domain itself.
   *
   * An ACME order succeeds or fails as a whole. So the provider orders an optional name if, and only if, it
   * can be proven. With an HTTP challenge, it can be proven if all its addresses are among those of the
   * domain's other names and of the hosts that receive the token. The hosts have entries for optional names
   * in any case.
   *
   * @default ["@", "pop", "pop3"]
   */
  readonly optionalLabels?: string[];
  /**
   * The algorithm and size of the certificates' private keys.
   *
   * @default KeyAlgorithm.ECDSA_P256
   */
  readonly keyAlgorithm?: KeyAlgorithm;
  /**
   * Whether a renewed certificate keeps its private key. TLSA records 3 1 1 then stay valid.
   *
   * @default false
   */
  readonly reuseKey?: boolean;
  /**
   * The certificate profile: one that the CA's directory lists, such as Let's Encrypt's `tlsserver` (no CN,
   * 45 days) or `shortlived` (six days).
   *
   * @default - the CA chooses
   */
  readonly profile?: string;
  /**
   * The name (CN) of the issuer at the end of the chain. It selects a chain if the CA offers several.
   *
   * @default - the chain that the CA offers first
   */
  readonly preferredChain?: string;
  /**
   * Any text. When it changes, the provider reissues all certificates of this issuer, in place: for
   * emergencies.
   *
   * @default - certificates are renewed when they are due
   */
  readonly reissue?: string;
  /**
   * The maximum number of first-time certificates that one deploy orders from this CA. Use it to move many
   * domains within the CA's rate limits.
   *
   * Renewals do not count. A failed order does not count either, unless it failed because of the CA's own
   * limit. For each certificate beyond the maximum the deploy reports an error that says so; the next deploy
   * orders it.
   *
   * @default - no limit
   */
  readonly maxNewOrdersPerRun?: number;
  /**
   * The fraction of the lifetime, from 0 to 1, at which a failed renewal becomes an error. A failed renewal
   * is only a warning while more than this fraction remains and another deploy runs before the certificate
   * expires (`runIntervalHours` of the `MailSni`).
   *
   * @default 0.15
   */
  readonly criticalFraction?: number;
}

/** Properties of an ACME issuer at any CA. */
export interface AcmeDirectoryProps extends AcmeIssuerProps {
  /**
   * CA certificates (PEM) that the ACME server's TLS certificate is verified against: for a CA of your own.
   *
   * @default - the public CAs
   */
  readonly caCertificate?: string;
  /**
   * An account that you already have with the CA (external account binding, RFC 8555 §7.3.4).
   *
   * @default - none: the CA does not require one
   */
  readonly externalAccount?: ExternalAccount;
}

/** Credentials of an external account (external account binding, RFC 8555 §7.3.4). */
export interface ExternalAccount {
  /** The key identifier, as the CA shows it. */
  readonly keyId: string;
  /**
   * The HMAC key in base64url, as the CA shows it: a Terraform expression, which may be ephemeral. Neither a
   * plan nor the state contains it.
   */
  readonly hmacKey: string;
}

/** Reads the private members of an issuer. The class assigns it in its static block. */
let settingsOf: (issuer: AcmeIssuer) => AcmeIssuerSettings;

/**
 * An ACME CA (RFC 8555) and an account there. The provider orders, renews and reissues certificates; it never
 * revokes one.
 *
 * The construct's id is part of the account's resource address: letters, digits, hyphens and dots.
 */
export class AcmeIssuer extends Construct implements IIssuer {
  /**
   * Let's Encrypt. Its rate limits are meant for a few new domains a week: before you move many at once, try
   * `letsEncryptStaging`.
   *
   * @throws MailSniError `ACCOUNT_KEY_TWICE`, `ACME_CONTACT`, `ACME_EMPTY_TEXT`, `ADOPTION_PATH`, `ID_INVALID`
   */
  public static letsEncrypt(scope: Construct, id: string, props: AcmeIssuerProps): AcmeIssuer {
    return new AcmeIssuer(scope, id, LETS_ENCRYPT, props);
  }

  /**
   * Let's Encrypt's staging environment: generous rate limits, certificates that no client trusts.
   *
   * @throws MailSniError `ACCOUNT_KEY_TWICE`, `ACME_CONTACT`, `ACME_EMPTY_TEXT`, `ADOPTION_PATH`, `ID_INVALID`
   */
  public static letsEncryptStaging(scope: Construct, id: string, props: AcmeIssuerProps): AcmeIssuer {
    return new AcmeIssuer(scope, id, LETS_ENCRYPT_STAGING, props);
  }

  /**
   * Any other ACME CA.
   *
   * @param url URL of the CA's ACME directory
   * @throws MailSniError `ACCOUNT_KEY_TWICE`, `ACME_CONTACT`, `ACME_DIRECTORY`, `ACME_EMPTY_TEXT`, `ADOPTION_PATH`, `ID_INVALID`
   */
  public static directory(scope: Construct, id: string, url: string, props: AcmeDirectoryProps): AcmeIssuer {
    return new AcmeIssuer(scope, id, otherAuthority(url), props);
  }

  private readonly account: AcmeAccount;

  private constructor(
    scope: Construct,
    id: string,
    private readonly ca: CertificateAuthority,
    private readonly props: AcmeDirectoryProps,
  ) {
    super(scope, id);
    const { contact, termsOfServiceAgreed = true, externalAccount, adoptAccountKey } = props;
    checkContact(contact);
    refuseEmptyTexts({
      profile: props.profile,
      preferredChain: props.preferredChain,
      "externalAccount.keyId": externalAccount?.keyId,
      "externalAccount.hmacKey": externalAccount?.hmacKey,
    });
    if (props.accountKey !== undefined && adoptAccountKey !== undefined) throw acmeErrors.accountKeyTwice();
    StackProvider.of(this);
    this.account = new AcmeAccount(this, "resource", {
      directoryUrl: ca.url,
      directoryCaPem: props.caCertificate,
      stateId: StackIdentity.of(this).optional(),
      contact: contact === undefined ? undefined : [contact],
      termsOfServiceAgreed,
      accountKeyPem: props.accountKey,
      adoptKeyFile: adoptAccountKey === undefined ? undefined : adoptedFile(this, adoptAccountKey),
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

  /**
   * Declares a certificate that this CA issues.
   *
   * @throws MailSniError `ADOPTION_PATH`, `SNI010`, `SNI011`, `SNI012`; `HOST_NAME_…` for an invalid label in `optionalLabels`
   */
  public issueCertificate(scope: Construct, id: string, request: CertificateRequest): AcmeCertificate {
    return new AcmeCertificate(scope, id, { issuer: this, ...request });
  }

  static {
    settingsOf = (issuer) => ({ ca: issuer.ca, props: issuer.props, account: issuer.account });
  }
}

/**
 * Warns once for each announced shorter lifetime, before the day on which deploys are refused because of it.
 */
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

/** Properties of an `AcmeCertificate`. */
export interface AcmeCertificateProps extends CertificateRequest {
  /** The issuer that orders the certificate. */
  readonly issuer: AcmeIssuer;
}

/**
 * A certificate that an `AcmeIssuer` orders. Its attributes are Terraform expressions.
 *
 * A name that one of the wildcards covers is not ordered, so `dnsNames` contains only the wildcard.
 */
export class AcmeCertificate extends IssuedCertificate {
  public readonly optionalNames: string[];
  public readonly issuedBy: string;
  protected readonly resource: TerraformResource;

  /**
   * @throws MailSniError `ADOPTION_PATH`, `SNI010`, `SNI011`, `SNI012`; `HOST_NAME_…` for an invalid label in `optionalLabels`
   */
  constructor(scope: Construct, id: string, request: AcmeCertificateProps) {
    const { issuer, domain, runIntervalHours } = request;
    const { ca, props, account } = settingsOf(issuer);
    const names = withoutCovered(request.names);
    const { isHttp } = challengeRendering(props.challenge);
    checkIssuable({ domain, names }, ca, { isHttp, profile: props.profile });
    if (ca.isLetsEncrypt) warnOfShorterLifetimes(request);
    super(scope, id, names, ca.isLetsEncrypt ? timesOf(props.profile ?? DEFAULT_PROFILE) : {});
    this.issuedBy = ca.url;
    this.optionalNames = optionalNames(domain, names, props.optionalLabels ?? ["@", "pop", "pop3"]);
    const { keyAlgorithm, reuseKey, preferredChain, reissue } = props;
    const { criticalFraction, maxNewOrdersPerRun } = props;
    const { adoptFrom = props.adoptFrom } = request;
    this.resource = new AcmeCertificateResource(this, "resource", {
      directoryUrl: ca.url,
      directoryCaPem: props.caCertificate,
      stateId: StackIdentity.of(this).optional(),
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
      ...(adoptFrom && {
        ...adoptedFiles(this, domain, adoptFrom),
        adoptOrderedBy: reference(account, "adopted_url", this),
      }),
    });
    this.resource.overrideLogicalId(logicalId.certificate(domain));
  }
}

/** The lifetime of a certificate that the CA issues today, and the longest run interval that suits it. */
function timesOf(profile: string): Pick<ICertificate, "lifetimeHours" | "longestRunIntervalHours"> {
  const lifetime = lifetimeAt(profile, new Date());
  if (lifetime === undefined) return {};
  return { lifetimeHours: lifetime.hours, longestRunIntervalHours: longestRunIntervalHours(lifetime.hours) };
}

/** The optional names among `names`. If all would be optional, none is: an order needs at least one name. */
function optionalNames(domain: string, names: string[], labels: string[]): string[] {
  const listed = new Set<string>(
    labels.map((label) => (label === "@" ? domain : parseHostName(`${label}.${domain}`))),
  );
  const optional = names.filter((name) => listed.has(name));
  return optional.length < names.length ? optional : [];
}
