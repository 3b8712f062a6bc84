import { domainErrors, serviceErrors } from "../../shared/errors";
import { readTextFile } from "../../shared/text-file";
import { parseDoveconfListing } from "./doveconf-listing";
import { DOVECOT_23, DOVECOT_24, type DovecotDialect, MARKER_PATTERN } from "./dovecot-dialect";
import { DovecotFiles } from "./dovecot-files";
import { DovecotLookup, exactNames } from "./dovecot-lookup";
import { checkPath, type HostContent, HostFile } from "./host-content";
import { checkLocalNameBlocks, type LocalNameBlock } from "./local-name-block";
import {
  type IMailService,
  type IServiceUpgrade,
  MailProtocol,
  type ServiceCommands,
  type ServiceConfiguration,
  type ServiceEndpoint,
} from "./mail-service";
import type { Lookup, ServedCertificate, ServedCertificates } from "./served-certificate";
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
  /**
   * Blocks of your own that present a certificate by name and are to stay, in the order in which Dovecot reads them, so
   * that it is known who is presented what; {@link Dovecot.otherBlocksFromDoveconf} finds them.
   *
   * @default - none
   */
  readonly otherBlocks?: LocalNameBlock[];
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
   * @throws MailSniError `COMMAND_EMPTY`, `ENDPOINT_PORT`, `LOCAL_NAME_INVALID`, `PATH_INVALID`,
   *   `SERVICE_NAME_INVALID`
   */
  public static v23(options: DovecotOptions = {}): Dovecot {
    return new Dovecot(DOVECOT_23, options, DOVECOT_24);
  }

  /**
   * Dovecot 2.4 (Debian 13). Its configuration and that of 2.3 are fatal to each other: change this when the server is
   * upgraded, not before.
   *
   * @throws MailSniError `COMMAND_EMPTY`, `ENDPOINT_PORT`, `LOCAL_NAMES_SEVERAL`, `LOCAL_NAME_INVALID`,
   *   `PATH_INVALID`, `SERVICE_NAME_INVALID`
   */
  public static v24(options: DovecotOptions = {}): Dovecot {
    return new Dovecot(DOVECOT_24, options);
  }

  /**
   * The blocks of your own in what `doveconf -n` printed on a host, for {@link DovecotOptions.otherBlocks}: those that
   * present a certificate by name. Blocks of this library are left out; if there are any, it is known which of the
   * others are read before and which after them, and else the others are taken to lose.
   *
   * @param path of a file with that output: absolute, or relative to the directory in which cdktf runs
   * @throws MailSniError `DOVECONF_CONDITIONAL`, `DOVECONF_INVALID`, `DOVECONF_UNCLEAR`, `DOVECONF_UNREADABLE`
   */
  public static otherBlocksFromDoveconf(path: string): LocalNameBlock[] {
    return parseDoveconfListing(readTextFile(path, serviceErrors.doveconfUnreadable), path);
  }

  public readonly name: string;
  public readonly endpoints: ServiceEndpoint[];
  public readonly commands: ServiceCommands;
  public readonly configuration: ServiceConfiguration;
  public readonly upgrade?: IServiceUpgrade;
  public readonly otherNames: string[];
  private readonly files: DovecotFiles;
  private readonly lookups: DovecotLookup;

  private constructor(
    private readonly dialect: DovecotDialect,
    options: DovecotOptions,
    next?: DovecotDialect,
  ) {
    const { doveconf = ["doveconf"], doveadm = ["doveadm"], otherBlocks = [] } = options;
    this.name = checkServiceName(options.name ?? "dovecot");
    const directory = checkPath("Dovecot's directory", options.directory ?? "/etc/dovecot");
    const file = checkPath(
      "Dovecot's configurationFile",
      options.configurationFile ?? `${directory}/dovecot.conf`,
    );
    this.endpoints = checkEndpoints(options.endpoints ?? STANDARD_ENDPOINTS);
    this.configuration = {
      file,
      include: "!include {path}",
      position: dialect.position,
      head: dialect.head,
      includes: "^[[:space:]]*!include(_try)?[[:space:]]",
    };
    this.commands = commands(
      dialect,
      directory,
      checkCommand("doveconf", doveconf),
      checkCommand("doveadm", doveadm),
      file,
    );
    const { severalNames } = dialect.blocks;
    checkLocalNameBlocks(`Dovecot ${dialect.version}`, severalNames, otherBlocks);
    this.files = new DovecotFiles(directory, dialect);
    this.lookups = new DovecotLookup(dialect, this.files, otherBlocks);
    this.otherNames = [
      ...new Set(otherBlocks.flatMap(({ names }) => names.map((name) => name.toLowerCase()))),
    ];
    this.upgrade = otherBlocks.length > 0 && next ? upgrade(next, directory, otherBlocks) : undefined;
  }

  public hostFiles(): HostContent {
    const { home, snippets, main, default: configurationFile, defaultPem } = this.files;
    return {
      directories: { [home]: { mode: "0755" }, [snippets]: { mode: "0755" } },
      files: { [main]: HostFile.text(this.dialect.main(`${snippets}/*.conf`)) },
      placeholders: {
        [defaultPem]: { configurationFile, configurationText: this.dialect.default(defaultPem) },
      },
    };
  }

  public certificateFiles({ name, names, pem }: ServedCertificate): HostContent {
    const exact = exactNames(names);
    if (exact.length === 0) throw domainErrors.withoutHostName(name);
    const path = this.files.pemOf(name);
    return {
      files: {
        [path]: HostFile.pem(pem),
        [this.files.snippetOf(name)]: HostFile.text(this.dialect.snippet(name, exact, path)),
      },
    };
  }

  public defaultFiles({ pem }: ServedCertificate): HostContent {
    const { default: file, defaultPem } = this.files;
    return {
      files: {
        [defaultPem]: HostFile.pem(pem, { keep: true }),
        [file]: HostFile.text(this.dialect.default(defaultPem), { keep: true }),
      },
    };
  }

  public lookup(name: string, certificates: ServedCertificates): Lookup {
    return this.lookups.lookup(name, certificates);
  }
}

const DIALECTS = [DOVECOT_23, DOVECOT_24];

const STANDARD_ENDPOINTS: ServiceEndpoint[] = [
  { port: 993, protocol: MailProtocol.TLS },
  { port: 995, protocol: MailProtocol.TLS },
  { port: 143, protocol: MailProtocol.IMAP },
  { port: 110, protocol: MailProtocol.POP3 },
  { port: 4190, protocol: MailProtocol.SIEVE },
];

/** Blocks of several names are one a name there, since that is what has to be made of them. */
function upgrade(
  next: DovecotDialect,
  directory: string,
  blocks: readonly LocalNameBlock[],
): IServiceUpgrade {
  const split = blocks.flatMap(({ names, ...block }) => names.map((name) => ({ ...block, names: [name] })));
  const lookups = new DovecotLookup(next, new DovecotFiles(directory, next), split);
  return {
    to: `Dovecot ${next.version}`,
    lookup: (name, certificates) => lookups.lookup(name, certificates),
  };
}

function commands(
  dialect: DovecotDialect,
  directory: string,
  doveconf: string[],
  doveadm: string[],
  file: string,
): ServiceCommands {
  const effective = [...doveconf, "-c", file];
  const list = [...effective, "-n"];
  return {
    // Printed before the configuration is read, so that it is there for one that cannot be.
    version: {
      print: list,
      pattern: "^# (\\d+\\.\\d+)\\.\\d",
      expected: dialect.version,
      advice: `Declare the version that is installed: ${DIALECTS.map(
        ({ version, declaration }) => `${declaration} for ${version}`,
      ).join(", ")}`,
    },
    arrival: {
      list,
      pattern: MARKER_PATTERN,
      // Not all of conf.d: where nobody reads it, nobody knows what else is there.
      advice: `Add this line at the end of ${file}, and apply again: !include_try ${directory}/conf.d/*mail-sni*.conf`,
    },
    // Without -x certificate files are not opened; with it their contents are printed.
    check: [...doveconf, "-x", "-n", "-c", "{candidate}"],
    activate: [...doveadm, "-c", file, "reload"],
    running: [...doveadm, "-c", file, "service", "status"],
    defaultCertificate: dialect.certificateFile([...effective], []),
    chosen: dialect.certificateFile(effective, dialect.filter("{name}")),
    nameBlocks: { list, pattern: "^local_name (.+) \\{$", winner: dialect.blocks.winner },
  };
}
