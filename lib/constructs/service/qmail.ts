import { QMAIL_PORTS, QMAIL_SMTPS_PORT } from "../../shared/service/usual-ports";
import { checkMode, checkPath, type FileAttributes, type HostContent, HostFile } from "./host-content";
import type { IMailService, ServiceCommands, ServiceEndpoint } from "./mail-service";
import { perNameFiles } from "./per-name-files";
import { Lookup, type ServedCertificate, type ServedCertificates } from "./served-certificate";
import { checkEndpoints, checkServiceName } from "./service-checks";
import { optionalEndpoint } from "./usual-endpoints";

/** Options for qmail. */
export interface QmailOptions {
  /**
   * The service's name on the host. Two instances on one host need different names.
   *
   * @default "qmail"
   */
  readonly name?: string;
  /**
   * qmail's home directory.
   *
   * @default "/var/qmail"
   */
  readonly directory?: string;
  /**
   * The permission bits of PEMs, in octal.
   *
   * @default "0640"
   */
  readonly mode?: string;
  /**
   * The owner of PEMs.
   *
   * @default "root"
   */
  readonly owner?: string;
  /**
   * The group of PEMs: a group of the user that qmail-smtpd runs as, which has to read them.
   *
   * @default "vchkpw"
   */
  readonly group?: string;
  /**
   * The program that answers on port 465. If set, the port has to answer.
   *
   * @default - QmailSmtps.SSLSERVER, and the port is optional
   */
  readonly smtps?: QmailSmtps;
  /**
   * The ports at which certificates are presented. If set, `smtps` is ignored. Each that you list has to answer, unless it is
   * optional.
   *
   * @default - submission (587) and SMTP (25) with STARTTLS, both optional, and 465 as `smtps` says
   */
  readonly endpoints?: ServiceEndpoint[];
}

/** The program that answers on port 465 of a qmail host. */
export enum QmailSmtps {
  /**
   * `sslserver`, as in the stock script: it presents one certificate (its `CERTFILE`) to all clients and
   * ignores SNI.
   */
  SSLSERVER = "sslserver",
  /** `tcpserver` with `SMTPS=1`: qmail-smtpd itself, which looks the name up as on the other ports. */
  PER_NAME = "per-name",
  /** No program: port 465 is not in use. */
  NONE = "none",
}

/**
 * qmail with SNI, as in Roberto Puzzanghera's distribution (sagredo-dev/qmail, since February 2026).
 *
 * For each connection qmail reads `control/servercerts/NAME/servercert.pem`, where NAME is exactly what the
 * client sent. If that file does not exist, it reads `control/servercert.pem`. So every name gets an entry of
 * its own, and no reload is needed.
 */
export class Qmail implements IMailService {
  /**
   * qmail as the distribution installs it.
   *
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
    this.endpoints = checkEndpoints(options.endpoints ?? standardEndpoints(options.smtps));
    this.control = `${checkPath("qmail's directory", options.directory ?? "/var/qmail")}/control`;
    this.attributes = { mode, owner, group };
  }

  public hostFiles(): HostContent {
    return {
      // If qmail-smtpd cannot search the directory, it silently finds none of the certificates in it.
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

function standardEndpoints(smtps: QmailSmtps | undefined): ServiceEndpoint[] {
  return QMAIL_PORTS.flatMap((usual) => {
    if (usual !== QMAIL_SMTPS_PORT) return [optionalEndpoint(usual)];
    if (smtps === QmailSmtps.NONE) return [];
    return [
      { ...optionalEndpoint(usual), sni: smtps === QmailSmtps.PER_NAME, optional: smtps === undefined },
    ];
  });
}
