import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { certificateErrors, type MailSniError } from "../../shared/errors";
import { type CertificateName, hasName } from "../../shared/host-name";
import { reference } from "../bindings/reference";
import { StackProvider } from "../plugin/stack-provider";
import type { ICertificate } from "./certificate";

/** Reads the resource of a certificate. The class assigns it in its static block. */
let resourceOf: (certificate: IssuedCertificate) => TerraformResource;

/** An attribute of a certificate, as a Terraform expression for use in the stack of `scope`. */
export function attributeOf(certificate: IssuedCertificate, attribute: string, scope: Construct): string {
  return reference(resourceOf(certificate), attribute, scope);
}

/** A certificate that the provider has issued, from any CA. Its attributes are Terraform expressions. */
export abstract class IssuedCertificate extends Construct implements ICertificate {
  public readonly dnsNames: string[];
  public readonly lifetimeHours?: number;
  public readonly longestRunIntervalHours?: number;
  /** The Terraform resource of the certificate. The constructor creates it. */
  protected abstract readonly resource: TerraformResource;
  /** The URL of an ACME CA's directory, or the address of a `PrivateCa` in the state. */
  public abstract readonly issuedBy: string;

  static {
    resourceOf = (certificate) => certificate.resource;
  }

  /**
   * @param dnsNames the names that the certificate is issued for
   * @param times lifetime and longest interval between deploys, as far as they are known
   */
  protected constructor(
    scope: Construct,
    id: string,
    dnsNames: string[],
    { lifetimeHours, longestRunIntervalHours }: CertificateTimes,
  ) {
    super(scope, id);
    StackProvider.of(this);
    this.dnsNames = dnsNames;
    this.lifetimeHours = lifetimeHours;
    this.longestRunIntervalHours = longestRunIntervalHours;
  }

  /** SHA-256 of the leaf, in lower-case hex. */
  public get fingerprintSha256(): string {
    return this.resource.getStringAttribute("fingerprint_sha256");
  }

  /** SHA-256 of the leaf's public key, in lower-case hex: what a TLSA record 3 1 1 holds (RFC 7671 §5.1). */
  public get spkiSha256(): string {
    return this.resource.getStringAttribute("spki_sha256");
  }

  /** The time at which the certificate expires, RFC 3339. */
  public get notAfter(): string {
    return this.resource.getStringAttribute("not_after");
  }

  /** The time at which the certificate is due for renewal, RFC 3339. */
  public get renewAt(): string {
    return this.resource.getStringAttribute("renew_at");
  }

  public combinedPem(scope: Construct): string {
    return ["private_key_pem", "certificate_pem", "chain_pem"]
      .map((attribute) => attributeOf(this, attribute, scope))
      .join("");
  }

  public check(names: string[]): MailSniError[] {
    const missing = names.filter((name) => !hasName(this.dnsNames, name as CertificateName));
    if (missing.length > 0) throw certificateErrors.namesNotCovered(missing, this.dnsNames);
    return [];
  }
}

/** The dates of a certificate that are known before it is issued. */
export interface CertificateTimes {
  /**
   * The time from issue to expiry, in hours.
   *
   * @default - not known before Terraform plans
   */
  readonly lifetimeHours?: number;
  /**
   * The longest interval between two deploys, in hours, at which a renewal that fails once is retried before
   * the certificate expires.
   *
   * @default - computed from `lifetimeHours`
   */
  readonly longestRunIntervalHours?: number;
}
