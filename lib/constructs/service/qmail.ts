import { checkMode, checkPath, type FileAttributes, type HostContent, HostFile } from "./host-content";
import { type IMailService, MailProtocol, type ServiceCommands, type ServiceEndpoint } from "./mail-service";
import { perNameFiles } from "./per-name-files";
import { Lookup, type ServedCertificate, type ServedCertificates } from "./served-certificate";
import { checkEndpoints, checkServiceName } from "./service-checks";

export interface QmailOptions {
  /**
   * Name on the host; two instances on one host need two.
   *
   * @default "qmail"
   */
  readonly name?: string;
  /**
   * qmail's home.
   *
   * @default "/var/qmail"
   */
  readonly directory?: string;
  /**
   * Permission bits of PEMs, in octal.
   *
   * @default "0640"
   */
  readonly mode?: string;
  /**
   * Owner of PEMs.
   *
   * @default "root"
   */
  readonly owner?: string;
  /**
   * Group of PEMs: that of the user as whom qmail-smtpd runs, which has to read them.
   *
   * @default "vchkpw"
   */
  readonly group?: string;
  /**
   * What answers on port 465.
   *
   * @default QmailSmtps.SSLSERVER
   */
  readonly smtps?: QmailSmtps;
  /**
   * Where certificates are presented; `smtps` is not looked at.
   *
   * @default - submission (587) and SMTP (25) with STARTTLS, and 465 as `smtps` says
   */
  readonly endpoints?: ServiceEndpoint[];
}

/** What answers on port 465 of a qmail. */
export enum QmailSmtps {
  /** `sslserver`, as in the stock script: one certificate (its `CERTFILE`) for everybody, whatever a client asks for. */
  SSLSERVER = "sslserver",
  /** `tcpserver` with `SMTPS=1`: qmail-smtpd itself, which looks for the name as it does on the other ports. */
  PER_NAME = "per-name",
  /** Nothing. */
  NONE = "none",
}

/**
 * qmail with SNI as in Roberto Puzzanghera's distribution (sagredo-dev/qmail, since February 2026).
 *
 * Each connection reads `control/servercerts/NAME/servercert.pem`, where NAME is what the client sent, letter for
 * letter, and `control/servercert.pem` where that is not there. So every name gets an entry of its own, and nothing has
 * to be reloaded.
 */
export class Qmail implements IMailService {
  /**
   * @throws MailSniError `ENDPOINT_PORT`, `MODE_INVALID`, `PATH_INVALID`, `SERVICE_NAME_INVALID`
   */
  public static standard(options: QmailOptions = {}): Qmail {
    return new Qmail(options);
  }

  public readonly name: string;
  public readonly endpoints: ServiceEndpoint[];
  public readonly commands: ServiceCommands = {};
  private readonly control: string;
  private readonly attributes: FileAttributes;

  private constructor(options: QmailOptions) {
    const { mode = "0640", owner = "root", group = "vchkpw" } = options;
    checkMode(mode);
    this.name = checkServiceName(options.name ?? "qmail");
    this.endpoints = checkEndpoints(
      options.endpoints ?? standardEndpoints(options.smtps ?? QmailSmtps.SSLSERVER),
    );
    this.control = `${checkPath("qmail's directory", options.directory ?? "/var/qmail")}/control`;
    this.attributes = { mode, owner, group };
  }

  public hostFiles(): HostContent {
    return {
      // A directory that qmail-smtpd may not search hides every certificate in it, without a word.
      directories: { [`${this.control}/servercerts`]: { mode: "0755" } },
      placeholders: { [this.defaultPath]: this.attributes },
    };
  }

  public certificateFiles(certificate: ServedCertificate): HostContent {
    return perNameFiles("qmail", certificate, (name) => this.pathOf(name), this.attributes);
  }

  public defaultFiles({ pem }: ServedCertificate): HostContent {
    return { files: { [this.defaultPath]: HostFile.pem(pem, { ...this.attributes, keep: true }) } };
  }

  public lookup(name: string, certificates: ServedCertificates): Lookup {
    const certificate = certificates.declaredFor(name);
    if (certificate !== undefined) return Lookup.found(certificate, this.pathOf(name));
    const folded = name.toLowerCase().replace(/\.$/, "");
    return Lookup.byDefault(
      folded !== name && certificates.declaredFor(folded) !== undefined
        ? "qmail takes names literally: upper case or a trailing dot makes another one"
        : `there is no ${this.pathOf(name)}`,
    );
  }

  private get defaultPath(): string {
    return `${this.control}/servercert.pem`;
  }

  private pathOf(name: string): string {
    return `${this.control}/servercerts/${name}/servercert.pem`;
  }
}

function standardEndpoints(smtps: QmailSmtps): ServiceEndpoint[] {
  const starttls = [587, 25].map((port) => ({ port, protocol: MailProtocol.SMTP }));
  if (smtps === QmailSmtps.NONE) return starttls;
  return [...starttls, { port: 465, protocol: MailProtocol.TLS, sni: smtps === QmailSmtps.PER_NAME }];
}
