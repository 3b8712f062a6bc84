import { DOVECOT_INCLUDES } from "../../shared/dovecot/includes";
import type { LocalNameBlock } from "../../shared/dovecot/local-name-block";
import { domainErrors, serviceErrors } from "../../shared/errors";
import { DOVECOT_PORTS } from "../../shared/service/usual-ports";
import { readTextFile } from "../../shared/text-file";
import { parseDoveconfListing } from "./doveconf-listing";
import { DOVECOT_23, DOVECOT_24, type DovecotDialect, MARKER_PATTERN } from "./dovecot-dialect";
import { DovecotFiles } from "./dovecot-files";
import { DovecotLookup, exactNames } from "./dovecot-lookup";
import { checkPath, type HostContent, HostFile } from "./host-content";
import { checkLocalNameBlocks } from "./local-name-block-checks";
import type {
  IMailService,
  IServiceUpgrade,
  ServiceCommands,
  ServiceConfiguration,
  ServiceEndpoint,
} from "./mail-service";
import type { Lookup, ServedCertificate, ServedCertificates } from "./served-certificate";
import { checkCommand, checkEndpoints, checkServiceName } from "./service-checks";
import { optionalEndpoint } from "./usual-endpoints";

/** Options for Dovecot, all versions. */
export interface DovecotOptions {
  /**
   * The service's name on the host. Two instances on one host need different names.
   *
   * @default "dovecot"
   */
  readonly name?: string;
  /**
   * The directory of Dovecot's configuration. Its main file must include `conf.d/*.conf` from there, as
   * Dovecot's own main file does.
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
   * The command that calls `doveconf`; arguments are appended.
   *
   * @default ["doveconf"]
   */
  readonly doveconf?: string[];
  /**
   * The command that calls `doveadm`; arguments are appended.
   *
   * @default ["doveadm"]
   */
  readonly doveadm?: string[];
  /**
   * The ports at which Dovecot presents certificates. Each that you list has to answer, unless it is optional.
   *
   * @default - imaps (993), pop3s (995), and with STARTTLS imap (143), pop3 (110) and ManageSieve (4190), all of
   *   them optional
   */
  readonly endpoints?: ServiceEndpoint[];
  /**
   * Your own `local_name` blocks that present a certificate and stay in the configuration, in the order in
   * which Dovecot reads them. The SNI table and the rules take them into account. {@link
   * Dovecot.otherBlocksFromDoveconf} finds them.
   *
   * @default - none
   */
  readonly otherBlocks?: LocalNameBlock[];
}

/**
 * Dovecot. Each certificate gets one PEM and one configuration snippet below `mail-sni/`; one file in
 * `conf.d/` includes the snippets.
 *
 * Entries are exact names only, because 2.3 and 2.4 resolve overlaps with wildcards in opposite ways. The
 * certificate may contain a wildcard, but Dovecot gets no entry for it.
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
   * Dovecot 2.4 (Debian 13). Neither 2.3 nor 2.4 starts with the configuration of the other version: change
   * this when you upgrade the server, not before.
   *
   * @throws MailSniError `COMMAND_EMPTY`, `ENDPOINT_PORT`, `LOCAL_NAMES_SEVERAL`, `LOCAL_NAME_INVALID`,
   *   `PATH_INVALID`, `SERVICE_NAME_INVALID`
   */
  public static v24(options: DovecotOptions = {}): Dovecot {
    return new Dovecot(DOVECOT_24, options);
  }

  /**
   * Reads your own blocks from the output of `doveconf -n` on a host, for {@link DovecotOptions.otherBlocks}:
   * the blocks that present a certificate by name. Blocks of this library are left out. If the output
   * contains any of them, their position tells which of your blocks Dovecot reads before and which after
   * them; otherwise your blocks are assumed to lose.
   *
   * @param path of a file with that output: absolute, or relative to the directory in which cdktf runs
   * @throws MailSniError `DOVECONF_CONDITIONAL`, `DOVECONF_INVALID`, `DOVECONF_UNCLEAR`,
   *   `DOVECONF_UNREADABLE`
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
    this.endpoints = checkEndpoints(options.endpoints ?? DOVECOT_PORTS.map(optionalEndpoint));
    this.configuration = {
      file,
      include: "!include {path}",
      position: dialect.position,
      head: dialect.head,
      includes: DOVECOT_INCLUDES,
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

/**
 * The lookup of Dovecot 2.4. It allows one name for each block, so each block of several names counts as
 * several blocks.
 */
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
    // Dovecot prints its version before it reads the configuration, so even with a configuration that it
    // rejects.
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
      // Do not advise to include all of conf.d: if Dovecot does not read it today, its other files are
      // unknown.
      advice: `Add this line at the end of ${file}, and apply again: !include_try ${directory}/conf.d/*mail-sni*.conf`,
    },
    // Without -x doveconf does not open certificate files; with -x it prints their contents.
    check: [...doveconf, "-x", "-n", "-c", "{candidate}"],
    activate: [...doveadm, "-c", file, "reload"],
    running: [...doveadm, "-c", file, "service", "status"],
    defaultCertificate: dialect.certificateFile([...effective], []),
    chosen: dialect.certificateFile(effective, dialect.filter("{name}")),
    nameBlocks: { list, pattern: "^local_name (.+) \\{$", winner: dialect.blocks.winner },
  };
}
