import { serviceErrors } from "../../shared/errors";
import { checkMode, checkPath, type FileAttributes, type HostContent, HostFile } from "./host-content";
import type { IMailService, ServiceCommands, ServiceConfiguration, ServiceEndpoint } from "./mail-service";
import { perNameFiles } from "./per-name-files";
import { Lookup, type ServedCertificate, type ServedCertificates } from "./served-certificate";
import { checkCommands, checkEndpoints, checkServiceName } from "./service-checks";

export interface CustomServiceProps {
  /** Unique on a host: lower-case letters, digits and hyphens. */
  readonly name: string;
  /** Where the server looks for the PEM of the name that a client sends, `{name}`: `/etc/exim4/sni/{name}.pem`. */
  readonly pemPath: string;
  /** Where it looks for the PEM of all other clients. */
  readonly defaultPemPath: string;
  /** @default - none: nothing is confirmed by handshake */
  readonly endpoints?: ServiceEndpoint[];
  /** @default - none: the server reads its files at each connection */
  readonly commands?: ServiceCommands;
  /** @default - files are checked once they are live */
  readonly configuration?: ServiceConfiguration;
  /**
   * Permission bits of PEMs, in octal.
   *
   * @default "0600"
   */
  readonly mode?: string;
  /**
   * Owner of PEMs: a name or a number.
   *
   * @default - whoever deploys, or who owns it already
   */
  readonly owner?: string;
  /**
   * Group of PEMs: a name or a number.
   *
   * @default - the group of whoever deploys, or whose it is already
   */
  readonly group?: string;
}

/** Mail servers that no class of their own is needed for. */
export class Service {
  /**
   * A server that looks for one PEM (private key, leaf, chain) a name, as Exim or Courier can be told to. For servers
   * that need more, implement `IMailService`.
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
