import { Fn, Token } from "cdktf";
import type { Construct } from "constructs";
import { inspectCombinedPem } from "../../shared/combined-pem";
import { isEncryptedKey, withKeysReplaced } from "../../shared/encrypted-key";
import type { MailSniError } from "../../shared/errors";
import { type HostName, isWildcard, parseCertificateName } from "../../shared/host-name";
import { canonicalPem, parsePem } from "../../shared/pem";
import { legiblePem } from "../../shared/pem-encoding";
import type { AdoptFrom } from "./adoption";
import { checkFilePaths } from "./expression-files";

/** A certificate with its private key, for a mail domain. It does not depend on hosts. */
export interface ICertificate {
  /**
   * The private key, the leaf and its chain, in this order, each block ended by a newline.
   *
   * @returns a Terraform expression or a literal, for use in the stack of `scope`
   */
  combinedPem(scope: Construct): string;

  /**
   * SHA-256 of the leaf, in lower-case hex: a Terraform expression or a literal.
   *
   * @default - not known: the certificate is not checked before Terraform plans
   */
  readonly fingerprintSha256?: string;

  /**
   * The names that clients accept the certificate for: its SANs of type dNSName, as lower-case A-labels and
   * wildcards.
   *
   * @default - not known before Terraform plans; assumed to be the names that it is presented for
   */
  readonly dnsNames?: string[];

  /**
   * Names among `dnsNames` that the issued certificate may lack: DNS decides when it is issued. The hosts
   * have entries for them in any case.
   *
   * @default - none
   */
  readonly optionalNames?: string[];

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
   * @default - computed from `lifetimeHours`, assuming that the renewal is due when a third of the lifetime
   *   remains, or a half if the lifetime is below ten days; not checked if `lifetimeHours` is not known
   *   either
   */
  readonly longestRunIntervalHours?: number;

  /**
   * Checks whether the certificate can be presented for `names`, as far as its contents are known at synth.
   *
   * @returns warnings: what works, but is probably not intended
   * @throws MailSniError for what a server or a client would reject
   */
  check(names: string[]): MailSniError[];
}

/** Issues certificates, each for the names of one mail domain. */
export interface IIssuer {
  /**
   * Declares a certificate for a mail domain. `MailSni` calls it once for each domain, below the domain's construct.
   *
   * @throws MailSniError for a request that cannot be fulfilled
   */
  issueCertificate(scope: Construct, id: string, request: CertificateRequest): ICertificate;
}

/** A request for a certificate for one mail domain. */
export interface CertificateRequest {
  /** The mail domain, as lower-case A-labels. It determines the certificate's resource address. */
  readonly domain: string;
  /** The names that the certificate is issued for, at least one: lower-case A-labels, wildcards last. */
  readonly names: string[];
  /**
   * The interval between two scheduled deploys, in hours.
   *
   * @default - not known
   */
  readonly runIntervalHours?: number;
  /**
   * A certificate that exists already, to be used instead of a new one. An issuer that cannot do that refuses it.
   *
   * @default - none
   */
  readonly adoptFrom?: AdoptFrom;
}

/** The parts of a certificate, as PEM. */
export interface PemParts {
  /**
   * The private key: PKCS #8, SEC 1 or PKCS #1. The provider decrypts an encrypted key with the environment
   * variable `MAIL_SNI_OWN_KEY_PASSPHRASE` of the deploy. A staging tree cannot use an encrypted key.
   */
  readonly privateKey: string;
  /** The leaf, optionally followed by its chain. */
  readonly certificate: string;
  /**
   * The certificates between the leaf and a root, each followed by its issuer.
   *
   * @default - what follows the leaf in `certificate`
   */
  readonly chain?: string;
}

/**
 * A certificate that is obtained elsewhere.
 *
 * Each part may be a literal or any Terraform expression: attributes of resources, variables, sensitive
 * values, and ephemeral values if they are the same at plan and at apply. Literals are checked when the stack
 * is synthesized. The synthesized file contains them as they are, keys included. Base64 of a PEM is accepted,
 * and so is `\\n` in place of line breaks, which is how CI systems store secrets.
 */
export class Certificate implements ICertificate {
  /**
   * A certificate from a private key, a leaf and its chain.
   *
   * @throws MailSniError for literals that are not PEM or do not match each other (`PEM_…`, `KEY_…`,
   *   `CHAIN_…` …)
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
   * A certificate from one text that contains the private key, the leaf and its chain. The key may be at any
   * position; the installed file begins with it. The key may be encrypted, as in `fromPem`.
   *
   * @throws MailSniError for a literal that is not a valid combined PEM (`PEM_…`, `KEY_…`, `CHAIN_…` …)
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
  /** The part of the PEM that is known before Terraform plans; undefined if it is too little to check. */
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

  /**
   * The private key, the leaf and its chain, in this order.
   *
   * @throws MailSniError `FILE_PATH_RELATIVE`
   */
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

/** The PEM blocks of a text, without the text between them. */
function normalised(text: string): string {
  return parsePem(text)
    .blocks.map((block) => block.text)
    .join("");
}

function withNewline(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

/**
 * An expression whose value ends with a newline, whether the given one does or not. If cdktf does not know
 * the expression, an empty line may remain.
 */
function endedOnce(expression: string): string {
  return `${Token.isUnresolved(expression) ? Fn.chomp(expression) : expression}\n`;
}
