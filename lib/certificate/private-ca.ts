import { Token } from "cdktf";
import { Construct } from "constructs";
import { checkId, logicalId } from "../bindings/addresses";
import { PrivateCa as PrivateCaResource } from "../bindings/mailsni/private-ca";
import { reference } from "../bindings/reference";
import { PrivateCertificateResource } from "../bindings/resources";
import { certificateErrors, type MailSniError, privateCaErrors } from "../common/errors";
import { covers, type HostName } from "../common/host-name";
import { StackProvider } from "../plugin/stack-provider";
import type { CertificateRequest, ICertificate, IIssuer } from "./certificate";

/** What kind of key a certificate has. */
export enum KeyAlgorithm {
  ECDSA_P256 = "ECDSA-P256",
  ECDSA_P384 = "ECDSA-P384",
  RSA_2048 = "RSA-2048",
  RSA_3072 = "RSA-3072",
  RSA_4096 = "RSA-4096",
}

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
  constructor(scope: Construct, id: string, props: PrivateCaProps = {}) {
    super(scope, id);
    const { certificates = {}, ...ca } = props;
    checkValidity("the CA", ca, DEFAULT_CA_HOURS);
    checkValidity("its certificates", certificates, DEFAULT_HOURS);
    this.certificateOptions = certificates;
    StackProvider.of(this);
    this.resource = new PrivateCaResource(this, "resource", ca);
    this.resource.overrideLogicalId(logicalId.privateCa(checkId("a private CA", id)));
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
    return new PrivateCertificate(scope, id, { ...request, ...this.certificateOptions, ca: this.resource });
  }
}

/** What the provider takes where nothing is given: ten years, and 90 days. */
const DEFAULT_CA_HOURS = 87_600;
const DEFAULT_HOURS = 2160;

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

/** @internal */
export interface PrivateCertificateProps extends CertificateRequest, PrivateCertificateOptions {
  readonly ca: PrivateCaResource;
}

/** A certificate issued by a `PrivateCa`. Its attributes are Terraform expressions. */
export class PrivateCertificate extends Construct implements ICertificate {
  private readonly resource: PrivateCertificateResource;
  public readonly dnsNames: string[];
  public readonly lifetimeHours?: number;

  /** @internal */
  constructor(scope: Construct, id: string, { ca, domain, ...config }: PrivateCertificateProps) {
    super(scope, id);
    StackProvider.of(this);
    this.dnsNames = config.names;
    const { validityHours = DEFAULT_HOURS } = config;
    this.lifetimeHours = Token.isUnresolved(validityHours) ? undefined : validityHours;
    this.resource = new PrivateCertificateResource(this, "resource", {
      ...config,
      caCertificatePem: reference(ca, "certificate_pem", this),
      caPrivateKeyPem: reference(ca, "private_key_pem", this),
    });
    this.resource.overrideLogicalId(logicalId.certificate(domain));
  }

  /** SHA-256 of the leaf, in lower-case hex. */
  public get fingerprintSha256(): string {
    return this.resource.fingerprintSha256;
  }

  /** SHA-256 of the leaf's public key, in lower-case hex: what a TLSA record 3 1 1 holds (RFC 7671 §5.1). */
  public get spkiSha256(): string {
    return this.resource.spkiSha256;
  }

  /** When it expires, RFC 3339. */
  public get notAfter(): string {
    return this.resource.notAfter;
  }

  public combinedPem(scope: Construct): string {
    return ["private_key_pem", "certificate_pem", "chain_pem"]
      .map((attribute) => reference(this.resource, attribute, scope))
      .join("");
  }

  public check(names: string[]): MailSniError[] {
    const missing = names.filter(
      (name) => !this.dnsNames.includes(name) && !covers(this.dnsNames, name as HostName),
    );
    if (missing.length > 0) throw certificateErrors.namesNotCovered(missing, this.dnsNames);
    return [];
  }
}
