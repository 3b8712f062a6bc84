import { type TerraformResource, Token } from "cdktf";
import { Construct } from "constructs";
import { privateCaErrors } from "../../shared/errors";
import { longestRunInterval } from "../../shared/time/renewal-time";
import { checkId, logicalId } from "../bindings/addresses";
import { PrivateCa as PrivateCaResource } from "../bindings/mailsni/private-ca";
import { PrivateCertificate as PrivateCertificateResource } from "../bindings/mailsni/private-certificate";
import { reference } from "../bindings/reference";
import { StackIdentity } from "../bindings/stack-identity";
import { StackProvider } from "../plugin/stack-provider";
import type { CertificateRequest, IIssuer } from "./certificate";
import { IssuedCertificate } from "./issued-certificate";
import type { KeyAlgorithm } from "./key-algorithm";

export interface PrivateCertificateOptions {
  /** @default KeyAlgorithm.ECDSA_P256 */
  readonly keyAlgorithm?: KeyAlgorithm;
  /**
   * From issue to expiry, in hours.
   *
   * @default 2160, which is 90 days
   */
  readonly validityHours?: number;
  /**
   * How long before its expiry an apply issues it anew, in place, in hours.
   *
   * @default - a third of the validity
   */
  readonly renewBeforeHours?: number;
  /**
   * Whether a renewed certificate keeps its private key, so that TLSA records 3 1 1 stay right, and qmail, which opens a PEM
   * twice for each connection, never reads a certificate and the key of another one.
   *
   * @default false
   */
  readonly reuseKey?: boolean;
}

export interface PrivateCaProps {
  /** @default "mail-sni private CA" */
  readonly commonName?: string;
  /** @default KeyAlgorithm.ECDSA_P256 */
  readonly keyAlgorithm?: KeyAlgorithm;
  /**
   * From issue to expiry, in hours.
   *
   * @default 87600, which is ten years
   */
  readonly validityHours?: number;
  /**
   * How long before its expiry an apply issues it anew, and then all of its certificates, in hours.
   *
   * @default - a tenth of the validity
   */
  readonly renewBeforeHours?: number;
  /**
   * What the certificates are like that it issues.
   *
   * @default - ECDSA P-256, valid for 90 days, issued anew in the last 30
   */
  readonly certificates?: PrivateCertificateOptions;
}

interface PrivateCaSettings {
  readonly props: PrivateCaProps;
  readonly resource: PrivateCaResource;
  readonly certificateOptions: PrivateCertificateOptions;
}

/** Set by the class, which alone has what it returns. */
let settingsOf: (ca: PrivateCa) => PrivateCaSettings;

/**
 * A certification authority of one's own: for labs, tests and intranets. Clients trust its certificates only if they
 * are given `certificatePem` as a root. Its key is in the state.
 *
 * The construct's id is a part of the resource's address: letters, digits, hyphens and dots.
 */
export class PrivateCa extends Construct implements IIssuer {
  private readonly resource: PrivateCaResource;
  private readonly certificateOptions: PrivateCertificateOptions;

  /** @throws MailSniError `CA_VALIDITY`, `ID_INVALID` */
  constructor(
    scope: Construct,
    id: string,
    private readonly props: PrivateCaProps = {},
  ) {
    super(scope, id);
    const { certificates = {}, ...ca } = props;
    checkValidity("the CA", ca, DEFAULT_CA_HOURS);
    checkValidity("its certificates", certificates, DEFAULT_HOURS);
    this.certificateOptions = certificates;
    StackProvider.of(this);
    this.resource = new PrivateCaResource(this, "resource", ca);
    this.resource.overrideLogicalId(logicalId.privateCa(checkId("a private CA", id)));
    StackIdentity.of(this).precede(this.resource);
  }

  /** The CA's own certificate, to be given to clients as a root: a Terraform expression. */
  public get certificatePem(): string {
    return this.resource.certificatePem;
  }

  /** SHA-256 of that certificate, in lower-case hex: a Terraform expression. */
  public get fingerprintSha256(): string {
    return this.resource.fingerprintSha256;
  }

  public issueCertificate(scope: Construct, id: string, request: CertificateRequest): PrivateCertificate {
    return new PrivateCertificate(scope, id, { ca: this, ...request });
  }

  static {
    settingsOf = (ca) => ({
      props: ca.props,
      resource: ca.resource,
      certificateOptions: ca.certificateOptions,
    });
  }
}

/** What the provider takes where nothing is given: ten years, and 90 days. */
const DEFAULT_CA_HOURS = 87_600;
const DEFAULT_HOURS = 2160;
/** A certificate is renewed when one part in so many of its validity is left. */
const CA_RENEWED_AT_PART = 10;
const RENEWED_AT_PART = 3;

/** How long before its end it falls due for renewal, in hours; undefined where that is known later only. */
function renewBefore(
  { validityHours, renewBeforeHours }: PrivateCertificateOptions,
  defaultHours: number,
  part: number,
): number | undefined {
  if (renewBeforeHours !== undefined) return known(renewBeforeHours);
  const validity = known(validityHours ?? defaultHours);
  return validity === undefined ? undefined : Math.floor(validity / part);
}

function known(hours: number): number | undefined {
  return Token.isUnresolved(hours) ? undefined : hours;
}

/** Numbers that are known later only are left to the provider. */
function checkValidity(subject: string, options: PrivateCertificateOptions, byDefault: number): void {
  const { validityHours = byDefault, renewBeforeHours = 0 } = options;
  if (Token.isUnresolved(validityHours)) return;
  if (!isWholeNumber(validityHours) || validityHours < 1)
    throw privateCaErrors.validityHours(subject, validityHours);
  if (Token.isUnresolved(renewBeforeHours)) return;
  if (!isWholeNumber(renewBeforeHours) || renewBeforeHours >= validityHours) {
    throw privateCaErrors.renewBeforeHours(subject, renewBeforeHours, validityHours);
  }
}

function isWholeNumber(hours: number): boolean {
  return Number.isInteger(hours) && hours >= 0;
}

export interface PrivateCertificateProps extends CertificateRequest {
  /** Who issues it. */
  readonly ca: PrivateCa;
}

/** A certificate issued by a `PrivateCa`. Its attributes are Terraform expressions. */
export class PrivateCertificate extends IssuedCertificate {
  protected readonly resource: TerraformResource;

  constructor(scope: Construct, id: string, { ca, domain, names }: PrivateCertificateProps) {
    const { props, resource, certificateOptions: options } = settingsOf(ca);
    const { validityHours = DEFAULT_HOURS } = options;
    const caRenewBefore = renewBefore(props, DEFAULT_CA_HOURS, CA_RENEWED_AT_PART);
    // It never outlives its CA, so that one has to be renewed in time as well.
    const renewed = [renewBefore(options, DEFAULT_HOURS, RENEWED_AT_PART), caRenewBefore];
    const hours = renewed.filter((each) => each !== undefined);
    super(scope, id, names, {
      lifetimeHours: known(validityHours),
      longestRunIntervalHours: hours.length > 0 ? longestRunInterval(Math.min(...hours)) : undefined,
    });
    this.resource = new PrivateCertificateResource(this, "resource", {
      names,
      ...options,
      caCertificatePem: reference(resource, "certificate_pem", this),
      caPrivateKeyPem: reference(resource, "private_key_pem", this),
    });
    this.resource.overrideLogicalId(logicalId.certificate(domain));
  }
}
