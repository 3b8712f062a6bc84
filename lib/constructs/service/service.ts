import { serviceErrors } from "../../shared/errors";
import { checkMode, checkPath, type FileAttributes, type HostContent, HostFile } from "./host-content";
import type { IMailService, ServiceCommands, ServiceConfiguration, ServiceEndpoint } from "./mail-service";
import { perNameFiles } from "./per-name-files";
import { Lookup, type ServedCertificate, type ServedCertificates } from "./served-certificate";
import { checkCommands, checkEndpoints, checkServiceName } from "./service-checks";

/** Properties of a mail server that reads one PEM for each name. */
export interface CustomServiceProps {
  /** The service's name, unique on a host: lower-case letters, digits and hyphens. */
  readonly name: string;
  /**
   * The path at which the server looks for the PEM of a name. `{name}` stands for the name that the client
   * sends: `/etc/exim4/sni/{name}.pem`.
   */
  readonly pemPath: string;
  /** The path of the PEM for all other clients. */
  readonly defaultPemPath: string;
  /**
   * The ports at which the server presents certificates.
   *
   * @default - none: no handshake confirms a change
   */
  readonly endpoints?: ServiceEndpoint[];
  /**
   * The commands that check, reload and query the server.
   *
   * @default - none: the server reads its files at each connection
   */
  readonly commands?: ServiceCommands;
  /**
   * The main configuration file, for servers that can check files before they are live.
   *
   * @default - new files are checked when they are live
   */
  readonly configuration?: ServiceConfiguration;
  /**
   * The permission bits of PEMs, in octal.
   *
   * @default "0600"
   */
  readonly mode?: string;
  /**
   * The owner of PEMs: a name or a number.
   *
   * @default - the user who deploys, or the present owner of an existing file
   */
  readonly owner?: string;
  /**
   * The group of PEMs: a name or a number.
   *
   * @default - the group of the user who deploys, or the present group of an existing file
   */
  readonly group?: string;
}

/** Mail servers that need no class of their own. */
export class Service {
  /**
   * A server that reads one PEM (private key, leaf, chain) for each name. Exim and Courier can be configured
   * so. For servers that need more, implement `IMailService`.
   *
   * @throws MailSniError `COMMAND_EMPTY`, `ENDPOINT_PORT`, `MODE_INVALID`, `PATH_INVALID`, `PATTERN_INVALID`,
   *   `SERVICE_NAME_INVALID`
   */
  public static custom(props: CustomServiceProps): IMailService {
    return new CustomService(props);
  }

  private constructor() {}
}

class CustomService implements IMailService {
  readonly name: string;
  readonly endpoints: ServiceEndpoint[];
  readonly commands: ServiceCommands;
  readonly configuration?: ServiceConfiguration;
  private readonly attributes: FileAttributes;

  constructor(private readonly props: CustomServiceProps) {
    const { mode, owner, group, pemPath } = props;
    checkMode(mode);
    checkPath("defaultPemPath", props.defaultPemPath);
    if (!pemPath.includes("{name}")) throw serviceErrors.pattern(pemPath);
    checkPath("pemPath", this.pathOf("name"));
    this.name = checkServiceName(props.name);
    this.endpoints = checkEndpoints(props.endpoints ?? []);
    this.commands = checkCommands(props.commands ?? {});
    this.configuration = props.configuration;
    this.attributes = { mode, owner, group };
  }

  hostFiles(): HostContent {
    return { placeholders: { [this.props.defaultPemPath]: this.attributes } };
  }

  certificateFiles(certificate: ServedCertificate): HostContent {
    return perNameFiles(this.name, certificate, (name) => this.pathOf(name), this.attributes);
  }

  defaultFiles({ pem }: ServedCertificate): HostContent {
    return { files: { [this.props.defaultPemPath]: HostFile.pem(pem, { ...this.attributes, keep: true }) } };
  }

  lookup(name: string, certificates: ServedCertificates): Lookup {
    const certificate = certificates.declaredFor(name);
    return certificate === undefined
      ? Lookup.byDefault(`there is no ${this.pathOf(name)}`)
      : Lookup.found(certificate, this.pathOf(name));
  }

  private pathOf(name: string): string {
    return this.props.pemPath.replaceAll("{name}", () => name);
  }
}
