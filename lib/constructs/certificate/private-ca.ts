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
import { refuseAdoption } from "./adoption";
import type { CertificateRequest, IIssuer } from "./certificate";
import { IssuedCertificate } from "./issued-certificate";
import type { KeyAlgorithm } from "./key-algorithm";

/** Options for the certificates of a private CA. */
export interface PrivateCertificateOptions {
  /**
   * The algorithm and size of the certificates' private keys.
   *
   * @default KeyAlgorithm.ECDSA_P256
   */
  readonly keyAlgorithm?: KeyAlgorithm;
  /**
   * The time from issue to expiry, in hours.
   *
   * @default 2160, which is 90 days
   */
  readonly validityHours?: number;
  /**
   * The time before expiry at which an apply renews the certificate in place, in hours.
   *
   * @default - a third of the validity
   */
  readonly renewBeforeHours?: number;
  /**
   * Whether a renewed certificate keeps its private key. TLSA records 3 1 1 then stay valid. qmail opens a
   * PEM twice for each connection: with the same key it never reads a certificate and the key of another one.
   *
   * @default false
   */
  readonly reuseKey?: boolean;
}

/** Properties of a private CA. */
export interface PrivateCaProps {
  /**
   * The common name (CN) of the CA certificate.
   *
   * @default "mail-sni private CA"
   */
  readonly commonName?: string;
  /**
   * The algorithm and size of the CA's private key.
   *
   * @default KeyAlgorithm.ECDSA_P256
   */
  readonly keyAlgorithm?: KeyAlgorithm;
  /**
   * The time from issue to expiry of the CA certificate, in hours.
   *
   * @default 87600, which is ten years
   */
  readonly validityHours?: number;
  /**
   * The time before expiry at which an apply renews the CA certificate, and then all certificates of the CA,
   * in hours.
   *
   * @default - a tenth of the validity
   */
  readonly renewBeforeHours?: number;
  /**
   * Options for the certificates that the CA issues.
   *
   * @default - ECDSA P-256, valid for 90 days, renewed in the last 30
   */
  readonly certificates?: PrivateCertificateOptions;
}

interface PrivateCaSettings {
  readonly props: PrivateCaProps;
  readonly resource: PrivateCaResource;
  readonly certificateOptions: PrivateCertificateOptions;
}

/** Reads the private members of a CA. The class assigns it in its static block. */
let settingsOf: (ca: PrivateCa) => PrivateCaSettings;

/**
 * A private certification authority, for labs, tests and intranets. Clients trust its certificates only if
 * you install `certificatePem` as a root on them. The state contains its private key.
 *
 * The construct's id is part of the resource's address: letters, digits, hyphens and dots. With another id it is
 * another CA, unless a `moved` block says that it is the same.
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

  /** The CA's own certificate, for clients to install as a root: a Terraform expression. */
  public get certificatePem(): string {
    return this.resource.certificatePem;
  }

  /** SHA-256 of the CA certificate, in lower-case hex: a Terraform expression. */
  public get fingerprintSha256(): string {
    return this.resource.fingerprintSha256;
  }

  /**
   * Declares a certificate that this CA issues.
   *
   * @throws MailSniError `ADOPTION_UNSUPPORTED`
   */
  public issueCertificate(scope: Construct, id: string, request: CertificateRequest): PrivateCertificate {
    refuseAdoption(request.domain, request.adoptFrom, "a PrivateCa");
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

/** The provider's defaults: ten years for a CA, 90 days for its certificates. */
const DEFAULT_CA_HOURS = 87_600;
const DEFAULT_HOURS = 2160;
/** Renewal is due when 1/N of the validity remains. */
const CA_RENEWED_AT_PART = 10;
const RENEWED_AT_PART = 3;

/** The time before expiry at which renewal is due, in hours; undefined if it is not known at synth. */
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

/** Checks the numbers that are known at synth. The provider checks the others. */
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

/** Properties of a `PrivateCertificate`. */
export interface PrivateCertificateProps extends CertificateRequest {
  /** The CA that issues the certificate. */
  readonly ca: PrivateCa;
}

/** A certificate issued by a `PrivateCa`. Its attributes are Terraform expressions. */
export class PrivateCertificate extends IssuedCertificate {
  public readonly issuedBy: string;
  protected readonly resource: TerraformResource;

  constructor(scope: Construct, id: string, { ca, domain, names }: PrivateCertificateProps) {
    const { props, resource, certificateOptions: options } = settingsOf(ca);
    const { validityHours = DEFAULT_HOURS } = options;
    const caRenewBefore = renewBefore(props, DEFAULT_CA_HOURS, CA_RENEWED_AT_PART);
    // A certificate never outlives its CA, so the CA has to be renewed in time as well.
    const renewed = [renewBefore(options, DEFAULT_HOURS, RENEWED_AT_PART), caRenewBefore];
    const hours = renewed.filter((each) => each !== undefined);
    super(scope, id, names, {
      lifetimeHours: known(validityHours),
      longestRunIntervalHours: hours.length > 0 ? longestRunInterval(Math.min(...hours)) : undefined,
    });
    this.issuedBy = `${resource.terraformResourceType}.${resource.friendlyUniqueId}`;
    this.resource = new PrivateCertificateResource(this, "resource", {
      names,
      ...options,
      caCertificatePem: reference(resource, "certificate_pem", this),
      caPrivateKeyPem: reference(resource, "private_key_pem", this),
    });
    this.resource.overrideLogicalId(logicalId.certificate(domain));
  }
}
