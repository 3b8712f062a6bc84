import { createHash } from "node:crypto";
import { domainErrors } from "../common/errors";
import { DOVECOT_23, DOVECOT_24, type DovecotDialect } from "./dovecot-dialect";
import { checkPath, type HostContent, HostFile } from "./host-content";
import {
  type IMailService,
  MailProtocol,
  type ServiceCommands,
  type ServiceConfiguration,
  type ServiceEndpoint,
} from "./mail-service";
import { Lookup, type ServedCertificate, type ServedCertificates } from "./served-certificate";
import { checkCommand, checkEndpoints, checkServiceName } from "./service-checks";

export interface DovecotOptions {
  /**
   * Name on the host; two instances on one host need two.
   *
   * @default "dovecot"
   */
  readonly name?: string;
  /**
   * Where Dovecot's configuration is. Its main file has to include `conf.d/*.conf` from there, as the one that comes
   * with Dovecot does.
   *
   * @default "/etc/dovecot"
   */
  readonly directory?: string;
  /**
   * The main configuration file.
   *
   * @default "<directory>/dovecot.conf"
   */
  readonly configurationFile?: string;
  /**
   * How `doveconf` is called; arguments are appended.
   *
   * @default ["doveconf"]
   */
  readonly doveconf?: string[];
  /**
   * How `doveadm` is called; arguments are appended.
   *
   * @default ["doveadm"]
   */
  readonly doveadm?: string[];
  /** @default - imaps (993), pop3s (995), and with STARTTLS imap (143), pop3 (110) and ManageSieve (4190) */
  readonly endpoints?: ServiceEndpoint[];
}

/**
 * Dovecot: one PEM and one snippet of configuration a certificate below `mail-sni/`, included by one file in `conf.d/`.
 *
 * Entries are exact names only, since the versions resolve overlaps with wildcards in opposite ways: a wildcard may be
 * in the certificate, and is nothing that Dovecot looks up.
 */
export class Dovecot implements IMailService {
  /**
   * Dovecot 2.3 (Debian 11 and 12, Ubuntu 20.04 to 24.04).
   *
   * @throws MailSniError `COMMAND_EMPTY`, `ENDPOINT_PORT`, `PATH_INVALID`, `SERVICE_NAME_INVALID`
   */
  public static v23(options: DovecotOptions = {}): Dovecot {
    return new Dovecot(DOVECOT_23, options);
  }

  /**
   * Dovecot 2.4 (Debian 13). Its configuration and that of 2.3 are fatal to each other: change this when the server is
   * upgraded, not before.
   *
   * @throws MailSniError `COMMAND_EMPTY`, `ENDPOINT_PORT`, `PATH_INVALID`, `SERVICE_NAME_INVALID`
   */
  public static v24(options: DovecotOptions = {}): Dovecot {
    return new Dovecot(DOVECOT_24, options);
  }

  public readonly name: string;
  public readonly endpoints: ServiceEndpoint[];
  public readonly commands: ServiceCommands;
  public readonly configuration: ServiceConfiguration;
  private readonly directory: string;

  private constructor(
    private readonly dialect: DovecotDialect,
    options: DovecotOptions,
  ) {
    const { doveconf = ["doveconf"], doveadm = ["doveadm"] } = options;
    this.name = checkServiceName(options.name ?? "dovecot");
    this.directory = checkPath("Dovecot's directory", options.directory ?? "/etc/dovecot");
    const file = checkPath(
      "Dovecot's configurationFile",
      options.configurationFile ?? `${this.directory}/dovecot.conf`,
    );
    this.endpoints = checkEndpoints(options.endpoints ?? STANDARD_ENDPOINTS);
    this.configuration = {
      file,
      include: "!include {path}",
      position: dialect.position,
      head: dialect.head,
    };
    this.commands = commands(
      dialect,
      checkCommand("doveconf", doveconf),
      checkCommand("doveadm", doveadm),
      file,
    );
  }

  public hostFiles(): HostContent {
    return {
      directories: {
        [`${this.directory}/mail-sni`]: { mode: "0755" },
        [this.snippets]: { mode: "0755" },
      },
      files: {
        [`${this.directory}/conf.d/${this.dialect.mainFile}`]: HostFile.text(
          this.dialect.main(`${this.snippets}/*.conf`),
        ),
      },
      placeholders: {
        [this.pemOf("default")]: {
          configurationFile: this.defaultFile,
          configurationText: this.dialect.default(this.pemOf("default")),
        },
      },
    };
  }

  public certificateFiles({ name, names, pem }: ServedCertificate): HostContent {
    const exact = names.filter((candidate) => !candidate.startsWith("*"));
    if (exact.length === 0) throw domainErrors.withoutHostName(name);
    return {
      files: {
        [this.pemOf(name)]: HostFile.pem(pem),
        [this.snippetOf(name)]: HostFile.text(this.dialect.snippet(name, exact, this.pemOf(name))),
      },
    };
  }

  public defaultFiles({ pem }: ServedCertificate): HostContent {
    return {
      files: {
        [this.pemOf("default")]: HostFile.pem(pem, { keep: true }),
        [this.defaultFile]: HostFile.text(this.dialect.default(this.pemOf("default")), { keep: true }),
      },
    };
  }

  public lookup(name: string, certificates: ServedCertificates): Lookup {
    if (name.startsWith("*"))
      return Lookup.byDefault("a wildcard is no entry: only the names that are listed are");
    const certificate = certificates.declaredFor(name.toLowerCase());
    if (certificate === undefined) {
      return Lookup.byDefault(
        name.endsWith(".")
          ? "Dovecot takes a trailing dot for a part of the name"
          : `no local_name block in ${this.snippets} has ${name}`,
      );
    }
    return Lookup.found(
      certificate,
      `local_name ${name.toLowerCase()} in ${this.snippetOf(certificate.name)}`,
    );
  }

  /** By version, so that what one cannot read is not in the other's way during an upgrade. */
  private get snippets(): string {
    return `${this.directory}/mail-sni/${this.dialect.version}`;
  }

  private get defaultFile(): string {
    return `${this.directory}/conf.d/99-mail-sni-default.conf`;
  }

  private pemOf(name: string): string {
    return `${this.directory}/mail-sni/${fileName(name)}.pem`;
  }

  private snippetOf(name: string): string {
    return `${this.snippets}/${fileName(name)}.conf`;
  }
}

/** File names have 255 bytes, a little less than the longest domain and its extension: those are cut, and told apart. */
function fileName(domain: string): string {
  if (domain.length <= 250) return domain;
  return `${domain.slice(0, 200)}-${createHash("sha256").update(domain).digest("hex").slice(0, 16)}`;
}

const STANDARD_ENDPOINTS: ServiceEndpoint[] = [
  { port: 993, protocol: MailProtocol.TLS },
  { port: 995, protocol: MailProtocol.TLS },
  { port: 143, protocol: MailProtocol.IMAP },
  { port: 110, protocol: MailProtocol.POP3 },
  { port: 4190, protocol: MailProtocol.SIEVE },
];

function commands(
  dialect: DovecotDialect,
  doveconf: string[],
  doveadm: string[],
  file: string,
): ServiceCommands {
  const effective = [...doveconf, "-c", file];
  return {
    // Without -x certificate files are not opened; with it their contents are printed.
    check: [...doveconf, "-x", "-n", "-c", "{candidate}"],
    activate: [...doveadm, "-c", file, "reload"],
    running: [...doveadm, "-c", file, "service", "status"],
    defaultCertificate: dialect.certificateFile([...effective], []),
    chosen: dialect.certificateFile(effective, dialect.filter("{name}")),
    nameBlocks: { list: [...effective, "-n"], pattern: "^local_name (.+) \\{$" },
  };
}
