import { Fn, Token } from "cdktf";
import type { Construct } from "constructs";
import { inspectCombinedPem } from "../../shared/combined-pem";
import { isEncryptedKey, withKeysReplaced } from "../../shared/encrypted-key";
import type { MailSniError } from "../../shared/errors";
import { type HostName, isWildcard, parseCertificateName } from "../../shared/host-name";
import { canonicalPem, parsePem } from "../../shared/pem";
import { legiblePem } from "../../shared/pem-encoding";
import { checkFilePaths } from "./expression-files";

/** Where the key material of a mail domain comes from. Knows nothing of hosts. */
export interface ICertificate {
  /**
   * The private key, the leaf and its chain, in this order, each block ended by a newline: a Terraform expression or a
   * literal, for use in the stack of `scope`.
   */
  combinedPem(scope: Construct): string;

  /**
   * SHA-256 of the leaf, in lower-case hex: a Terraform expression or a literal.
   *
   * @default - not known: nothing is looked into before Terraform plans
   */
  readonly fingerprintSha256?: string;

  /**
   * What clients accept it for: its SANs of type dNSName, lower-case A-labels and wildcards.
   *
   * @default - not known before Terraform plans; taken to be the names that it is presented for
   */
  readonly dnsNames?: string[];

  /**
   * Those of `dnsNames` that it may turn out not to be for, since DNS decides that when it is issued. Hosts have entries for
   * them all the same.
   *
   * @default - none
   */
  readonly optionalNames?: string[];

  /**
   * From issue to expiry, in hours.
   *
   * @default - not known before Terraform plans
   */
  readonly lifetimeHours?: number;

  /**
   * The longest interval between two deploys, in hours, that leaves a second try to a renewal that fails once.
   *
   * @default - computed from `lifetimeHours`, as if a third of it were left at the renewal, or a half below ten days; not
   *   checked where that is not known either
   */
  readonly longestRunIntervalHours?: number;

  /**
   * Looks, as far as anything is known at synth, whether the certificate can be presented for `names`.
   *
   * @returns what will work, but probably is not what was meant
   * @throws MailSniError what a server or a client would stumble over
   */
  check(names: string[]): MailSniError[];
}

/** Issues certificates, each for the names of one mail domain. */
export interface IIssuer {
  issueCertificate(scope: Construct, id: string, request: CertificateRequest): ICertificate;
}

export interface CertificateRequest {
  /** The mail domain: what the certificate's address is made of. Lower-case A-labels. */
  readonly domain: string;
  /** What it is issued for: lower-case A-labels, wildcards last. At least one. */
  readonly names: string[];
  /**
   * How often a scheduled deploy runs, in hours.
   *
   * @default - not known
   */
  readonly runIntervalHours?: number;
}

export interface PemParts {
  /**
   * PKCS #8, SEC 1 or PKCS #1. One that is encrypted is opened, by the provider, with the environment variable
   * `MAIL_SNI_OWN_KEY_PASSPHRASE` of the deploy; in a staging tree it cannot be used.
   */
  readonly privateKey: string;
  /** The leaf, with or without its chain behind it. */
  readonly certificate: string;
  /**
   * The certificates between the leaf and a root, each followed by its issuer.
   *
   * @default - what follows the leaf in `certificate`
   */
  readonly chain?: string;
}

/**
 * A certificate that is obtained elsewhere. Any Terraform expression is welcome: attributes of resources, sensitive and
 * ephemeral values (if they are the same at plan and apply), variables. Literals are looked at when the stack is
 * synthesized, and stand in the synthesized file as they are, keys included. Base64 of a PEM, and `\\n` in place of line
 * breaks, as CI systems keep secrets, are accepted.
 */
export class Certificate implements ICertificate {
  /**
   * From a private key, a leaf and its chain.
   *
   * @throws MailSniError for literals that do not belong together, or are no PEM (`PEM_…`, `KEY_…`, `CHAIN_…` …)
   */
  public static fromPem(parts: PemParts): Certificate {
    const privateKey = legible(parts.privateKey);
    const certificates = [parts.certificate, ...(parts.chain === undefined ? [] : [parts.chain])].map(
      legible,
    );
    if (!certificates.every(isLiteral)) return new Certificate([privateKey, ...certificates], undefined);
    return isLiteral(privateKey) && !isEncryptedKey(privateKey)
      ? new Certificate([privateKey, ...certificates], [privateKey, ...certificates])
      : new Certificate([privateKey, ...certificates], certificates, false);
  }

  /**
   * From one text that holds the private key, the leaf and its chain; the key may also stand behind or between them, and
   * comes first where it is installed. The key may be encrypted, as in `fromPem`.
   *
   * @throws MailSniError for a literal that is not one (`PEM_…`, `KEY_…`, `CHAIN_…` …)
   */
  public static fromCombinedPem(pem: string): Certificate {
    if (!isLiteral(pem)) return new Certificate([pem], undefined);
    const text = canonicalPem(withNewline(legible(pem)));
    return isEncryptedKey(text)
      ? new Certificate([text], [withKeysReplaced(text, () => "")], false)
      : new Certificate([text], [text]);
  }

  public readonly fingerprintSha256?: string;
  public readonly dnsNames?: string[];
  private readonly pem: string;
  /** What of it is known before Terraform plans; undefined where that is too little to look at. */
  private readonly known?: string;

  private constructor(
    texts: string[],
    known: string[] | undefined,
    private readonly knownWithKey = true,
  ) {
    this.known = known?.map(withNewline).join("");
    const leaf = this.inspect([])?.certificate.leaf;
    this.fingerprintSha256 = leaf?.fingerprintSha256;
    this.dnsNames = leaf?.dnsNames.map((name) => name.toLowerCase());
    this.pem = texts.map((text) => (isLiteral(text) ? normalised(text) : endedOnce(text))).join("");
  }

  /** @throws MailSniError `FILE_PATH_RELATIVE` */
  public combinedPem(scope: Construct): string {
    checkFilePaths(scope, this.pem);
    return this.pem;
  }

  public check(names: string[]): MailSniError[] {
    return [...(this.inspect(names)?.warnings ?? [])];
  }

  private inspect(names: string[]) {
    if (this.known === undefined) return undefined;
    const inspection = inspectCombinedPem(this.known, {
      names: names.map(parseCertificateName).filter((name): name is HostName => !isWildcard(name)),
      at: new Date(),
      withKey: this.knownWithKey,
    });
    if (!inspection.ok) throw inspection.problems[0];
    return inspection;
  }
}

function isLiteral(text: string): boolean {
  return !Token.isUnresolved(text) && !text.includes("${");
}

function legible(text: string): string {
  return isLiteral(text) ? legiblePem(text) : text;
}

/** The PEM blocks alone, without what stands between them. */
function normalised(text: string): string {
  return parsePem(text)
    .blocks.map((block) => block.text)
    .join("");
}

function withNewline(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

/** An expression whose value may end in a newline or not. Of one that cdktf knows nothing of, an empty line may be left. */
function endedOnce(expression: string): string {
  return `${Token.isUnresolved(expression) ? Fn.chomp(expression) : expression}\n`;
}
