import { TerraformStack, Token } from "cdktf";
import { Construct } from "constructs";
import { DEFAULT_PROFILE } from "../../shared/acme/lets-encrypt";
import { certificateErrors, dehydratedErrors, type MailSniError } from "../../shared/errors";
import { type CertificateName, hasName, withoutCovered } from "../../shared/host-name";
import { madeOnce } from "../../shared/made-once";
import { shareLeftAtRenewal } from "../../shared/time/renewal-time";
import type { IHostDelivery } from "../host/host-delivery";
import { issueOnHost, type MailHost } from "../host/mail-host";
import { OnDestroy } from "../host/on-destroy";
import type { DehydratedSettings } from "../host/renewal/dehydrated-config";
import { RenewalTimer, timerSettings } from "../host/renewal/renewal-timer";
import { withCommonNameFirst } from "../host/renewal/rows-text";
import { checkSameStack } from "../host/same-stack";
import { checkPath } from "../service/host-content";
import { refuseAdoption } from "./adoption";
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
import { type DehydratedChallenge, dehydratedChallenge } from "./dehydrated-challenge";
import { KeyAlgorithm } from "./key-algorithm";
import { lifetimeAt } from "./lets-encrypt";

/** Properties of an issuer with dehydrated on a mail host. */
export interface DehydratedIssuerProps {
  /** The host that issues its certificates itself. It is the only host that they are served on. */
  readonly host: MailHost;
  /** How dehydrated proves to the CA that you control the names. */
  readonly challenge: DehydratedChallenge;
  /**
   * The e-mail address at which the CA may contact you. dehydrated uses it when it registers the account. For an account that
   * exists, run `dehydrated --account -f CONFIG` on the host after a change.
   *
   * @default - none; Let's Encrypt keeps none
   */
  readonly contact?: string;
  /**
   * The algorithm and size of the certificates' private keys. RSA keys of accounts have the same size; with ECDSA they have 4096
   * bits.
   *
   * A change applies to each certificate from its next renewal on, unless `reuseKey` keeps its key.
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
   * The time before expiry from which on a run renews a certificate, in days: a whole number, at least 1. dehydrated cannot
   * renew in time what is valid for less than two days.
   *
   * @default - with Let's Encrypt a third of the lifetime of its profile on the day of the synth, or a half below ten days: 30 of
   *   90 days, 15 of 45, 3 of six; with other CAs 30
   */
  readonly renewBeforeDays?: number;
  /**
   * The name (CN) of the issuer at the end of the chain. It selects a chain if the CA offers several. If it offers none with that
   * name, dehydrated fails after the CA has issued the certificate: check the name with `letsEncryptStaging` or your own CA first.
   *
   * @default - the chain that the CA offers first
   */
  readonly preferredChain?: string;
  /**
   * The certificate profile: one that the CA's directory lists, such as Let's Encrypt's `tlsserver` or `shortlived`. It needs
   * dehydrated 0.7.2 or later on the host (Debian 13). Earlier versions ignore it.
   *
   * @default - the CA chooses
   */
  readonly profile?: string;
  /**
   * The IP version with which dehydrated connects to the CA.
   *
   * @default - both
   */
  readonly ipVersion?: IpVersion;
  /**
   * The maximum time that dehydrated waits for the CA to process an order, in seconds: a whole number, at least 1. It needs
   * dehydrated 0.7.2 or later. Earlier versions wait without end.
   *
   * @default - no limit
   */
  readonly orderTimeoutSeconds?: number;
  /**
   * What starts the renewals.
   *
   * @default RenewalTimer.systemd()
   */
  readonly timer?: RenewalTimer;
  /**
   * The directory on the host of the files that deploys write: the program, its rules, dehydrated's configuration.
   *
   * @default "/etc/mail-sni/dehydrated"
   */
  readonly directory?: string;
  /**
   * The directory on the host of dehydrated's accounts, keys and certificates. Only root can read it. Back it up, and never
   * change it without moving it: dehydrated would order all certificates again.
   *
   * @default - `dehydrated` below the host's stateDirectory, which is /var/lib/mail-sni/dehydrated
   */
  readonly workDirectory?: string;
  /**
   * What happens to the files that present the certificates when the issuer is no longer declared, or the stack is destroyed.
   * The files in `workDirectory` stay in any case.
   *
   * @default OnDestroy.RELEASE
   */
  readonly onDestroy?: OnDestroy;
}

/** Properties of an issuer with dehydrated at any CA. */
export interface DehydratedDirectoryProps extends DehydratedIssuerProps {
  /**
   * CA certificates (PEM) that the ACME server's TLS certificate is verified against: for a CA of your own.
   *
   * @default - those that curl trusts on the host
   */
  readonly caCertificate?: string;
  /**
   * An account that you already have with the CA (external account binding, RFC 8555 §7.3.4).
   *
   * @default - none: the CA does not require one
   */
  readonly externalAccount?: ExternalAccountOnHost;
}

/** Credentials of an external account whose key is on the host. */
export interface ExternalAccountOnHost {
  /** The key identifier, as the CA shows it. */
  readonly keyId: string;
  /**
   * The absolute path of a file on the host with the HMAC key in base64url, as the CA shows it. Create it yourself, with mode
   * 0600. dehydrated reads it to register the account; afterwards you can remove it.
   */
  readonly hmacKeyFile: string;
}

/** The version of the Internet Protocol. */
export enum IpVersion {
  V4 = "4",
  V6 = "6",
}

/** Reads the private members of an issuer. The class assigns it in its static block. */
let settingsOf: (issuer: DehydratedIssuer) => IssuerSettings;

/**
 * Issues certificates on the mail host itself: dehydrated 0.7.0 or later, which you install there, orders and renews them. Private
 * keys never leave the host, and renewals need no deploy. A host has one such issuer.
 *
 * A deploy writes the renewal program, its configuration and a timer. The timer starts the program, which runs dehydrated. It
 * installs the certificates as a deploy does: checked, swapped in, and confirmed by handshakes, or rolled back. By using it you
 * agree to the CA's terms of service.
 *
 * All names of a domain are ordered, so DNS must have each of them: there are no optional names.
 */
export class DehydratedIssuer extends Construct implements IIssuer {
  /**
   * Let's Encrypt. Its rate limits are meant for a few new domains a week: before you move many at once, try
   * `letsEncryptStaging`.
   *
   * @throws MailSniError `ACME_CONTACT`, `ACME_EMPTY_TEXT`, `DEHYDRATED_…`, `HOST_IN_ANOTHER_STACK`, `PATH_INVALID`
   */
  public static letsEncrypt(scope: Construct, id: string, props: DehydratedIssuerProps): DehydratedIssuer {
    return new DehydratedIssuer(scope, id, LETS_ENCRYPT, props);
  }

  /**
   * Let's Encrypt's staging environment: generous rate limits, certificates that no client trusts.
   *
   * @throws MailSniError `ACME_CONTACT`, `ACME_EMPTY_TEXT`, `DEHYDRATED_…`, `HOST_IN_ANOTHER_STACK`, `PATH_INVALID`
   */
  public static letsEncryptStaging(
    scope: Construct,
    id: string,
    props: DehydratedIssuerProps,
  ): DehydratedIssuer {
    return new DehydratedIssuer(scope, id, LETS_ENCRYPT_STAGING, props);
  }

  /**
   * Any other ACME CA.
   *
   * @param url URL of the CA's ACME directory
   * @throws MailSniError `ACME_CONTACT`, `ACME_DIRECTORY`, `ACME_EMPTY_TEXT`, `DEHYDRATED_…`, `HOST_IN_ANOTHER_STACK`, `PATH_INVALID`
   */
  public static directory(
    scope: Construct,
    id: string,
    url: string,
    props: DehydratedDirectoryProps,
  ): DehydratedIssuer {
    return new DehydratedIssuer(scope, id, otherAuthority(url), props);
  }

  private readonly delivery: IHostDelivery;

  private constructor(
    scope: Construct,
    id: string,
    private readonly ca: CertificateAuthority,
    private readonly props: DehydratedDirectoryProps,
  ) {
    super(scope, id);
    const { host, timer = RenewalTimer.systemd(), directory = "/etc/mail-sni/dehydrated" } = props;
    checkSameStack(this, host);
    this.delivery = issueOnHost(host, this, {
      directory,
      workDirectory: props.workDirectory,
      settings: dehydratedSettings(ca, props),
      timer: timerSettings(timer),
      onDestroy: props.onDestroy ?? OnDestroy.RELEASE,
    });
  }

  /**
   * Declares a certificate that the host issues.
   *
   * @throws MailSniError `ADOPTION_UNSUPPORTED`, `DEHYDRATED_NAMES_LONG`, `DEHYDRATED_NAME_TWICE`, `SNI010`, `SNI011`,
   *   `SNI012`
   */
  public issueCertificate(scope: Construct, id: string, request: CertificateRequest): DehydratedCertificate {
    refuseAdoption(request.domain, request.adoptFrom, "a DehydratedIssuer, whose host has it");
    return new DehydratedCertificate(scope, id, { issuer: this, ...request });
  }

  static {
    settingsOf = (issuer) => ({ ca: issuer.ca, props: issuer.props, delivery: issuer.delivery });
  }
}

interface IssuerSettings {
  readonly ca: CertificateAuthority;
  readonly props: DehydratedDirectoryProps;
  readonly delivery: IHostDelivery;
}

function dehydratedSettings(
  { url, isLetsEncrypt }: CertificateAuthority,
  props: DehydratedDirectoryProps,
): DehydratedSettings {
  const { keyAlgorithm = KeyAlgorithm.ECDSA_P256, externalAccount, orderTimeoutSeconds, challenge } = props;
  checkContact(props.contact);
  refuseEmptyTexts({
    profile: props.profile,
    preferredChain: props.preferredChain,
    "externalAccount.keyId": externalAccount?.keyId,
  });
  checkNumber("orderTimeoutSeconds", orderTimeoutSeconds);
  checkNumber("renewBeforeDays", props.renewBeforeDays);
  if (externalAccount !== undefined) checkPath("The hmacKeyFile", externalAccount.hmacKeyFile);
  const lifetime = isLetsEncrypt ? lifetimeAt(props.profile ?? DEFAULT_PROFILE, new Date()) : undefined;
  return {
    directoryUrl: url,
    challenge: dehydratedChallenge(challenge),
    contact: props.contact,
    ...KEYS[keyAlgorithm],
    reuseKey: props.reuseKey ?? false,
    renewBeforeDays: props.renewBeforeDays ?? renewBeforeDays(lifetime?.hours),
    preferredChain: props.preferredChain,
    profile: props.profile,
    ipVersion: props.ipVersion,
    orderTimeoutSeconds,
    externalAccount,
    caCertificate: props.caCertificate,
  };
}

/** dehydrated's names of the algorithms. */
const KEYS: Readonly<Record<KeyAlgorithm, Pick<DehydratedSettings, "keyAlgorithm" | "keySize">>> = {
  [KeyAlgorithm.ECDSA_P256]: { keyAlgorithm: "prime256v1", keySize: 4096 },
  [KeyAlgorithm.ECDSA_P384]: { keyAlgorithm: "secp384r1", keySize: 4096 },
  [KeyAlgorithm.RSA_2048]: { keyAlgorithm: "rsa", keySize: 2048 },
  [KeyAlgorithm.RSA_3072]: { keyAlgorithm: "rsa", keySize: 3072 },
  [KeyAlgorithm.RSA_4096]: { keyAlgorithm: "rsa", keySize: 4096 },
};

/** dehydrated's own default, for CAs whose lifetimes are not known. */
const RENEW_BEFORE_DAYS = 30;

function renewBeforeDays(lifetimeHours: number | undefined): number {
  if (lifetimeHours === undefined) return RENEW_BEFORE_DAYS;
  return Math.max(1, Math.floor((lifetimeHours / 24) * shareLeftAtRenewal(lifetimeHours)));
}

function checkNumber(what: string, given: number | undefined): void {
  if (given === undefined) return;
  if (Token.isUnresolved(given)) throw dehydratedErrors.notLiteral(what);
  if (!Number.isInteger(given) || given < 1) throw dehydratedErrors.number(what, given, 1);
}

/** Properties of a `DehydratedCertificate`. */
export interface DehydratedCertificateProps extends CertificateRequest {
  /** The issuer that orders the certificate. */
  readonly issuer: DehydratedIssuer;
}

/** Reads the private members of a certificate. The class assigns it in its static block. */
let keepingOf: (certificate: DehydratedCertificate) => KeptOnHost;

/**
 * A certificate that a mail host issues itself. Terraform knows neither its key nor its fingerprint, which change with each
 * renewal on the host.
 *
 * A name that one of the wildcards covers is not ordered, so `dnsNames` contains only the wildcard.
 */
export class DehydratedCertificate extends Construct implements ICertificate {
  public readonly dnsNames: string[];
  /** The URL of the CA's ACME directory. */
  public readonly issuedBy: string;
  /** The host that issues the certificate, and serves it. */
  public readonly host: MailHost;
  private readonly domain: string;
  private readonly delivery: IHostDelivery;

  /** @throws MailSniError `DEHYDRATED_NAMES_LONG`, `DEHYDRATED_NAME_TWICE`, `SNI010`, `SNI011`, `SNI012` */
  constructor(scope: Construct, id: string, { issuer, domain, names }: DehydratedCertificateProps) {
    const { ca, props, delivery } = settingsOf(issuer);
    const ordered = withoutCovered(names);
    const isHttp = dehydratedChallenge(props.challenge).wellKnown !== undefined;
    checkIssuable({ domain, names: ordered }, ca, { isHttp, profile: props.profile });
    const dnsNames = withCommonNameFirst(ordered);
    if (dnsNames === undefined) throw dehydratedErrors.namesLong(domain);
    if (isHttp) HttpNames.of(scope).reserve(ordered, props.host.name);
    super(scope, id);
    this.dnsNames = dnsNames;
    this.issuedBy = ca.url;
    this.host = props.host;
    this.domain = domain;
    this.delivery = delivery;
  }

  /** @throws MailSniError `DEHYDRATED_CERTIFICATE_ON_HOST`, always */
  public combinedPem(): string {
    throw dehydratedErrors.onHost(this.domain, this.host.name);
  }

  public check(names: string[]): MailSniError[] {
    const missing = names.filter((name) => !hasName(this.dnsNames, name as CertificateName));
    if (missing.length > 0) throw certificateErrors.namesNotCovered(missing, this.dnsNames);
    return [];
  }

  static {
    keepingOf = (certificate) => ({ host: certificate.host, delivery: certificate.delivery });
  }
}

/**
 * What `MailSni` has to know of a certificate whose key stays on the host that issues it.
 *
 * @internal
 */
export interface KeptOnHost {
  readonly host: MailHost;
  /** What brings the files that present it to the host. */
  readonly delivery: IHostDelivery;
}

/**
 * @internal
 * @returns undefined for a certificate with a PEM for Terraform
 */
export function keptOnHost(certificate: ICertificate): KeptOnHost | undefined {
  return certificate instanceof DehydratedCertificate ? keepingOf(certificate) : undefined;
}

/** The names of a stack that hosts prove over HTTP: each is proven by one of them. */
class HttpNames {
  static of(scope: Construct): HttpNames {
    const stack = TerraformStack.of(scope);
    return madeOnce(ofStacks, stack, () => new HttpNames());
  }

  private readonly hosts = new Map<string, string>();

  reserve(names: readonly string[], host: string): void {
    for (const name of names) {
      const other = this.hosts.get(name) ?? host;
      if (other !== host) throw dehydratedErrors.nameTwice(name, other, host);
    }
    for (const name of names) this.hosts.set(name, host);
  }
}

const ofStacks = new WeakMap<TerraformStack, HttpNames>();
