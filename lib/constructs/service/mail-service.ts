import type { BlockWinner } from "../../shared/service/block-winner";
import type { HostContent } from "./host-content";
import type { Lookup, ServedCertificate, ServedCertificates } from "./served-certificate";

/**
 * A mail server on a host: the files that make it present a certificate, the commands that check and reload
 * it, and the certificate that it presents for a name. An implementation only describes; it neither reads nor
 * writes anything.
 *
 * To add a server, implement this interface; nothing else has to change.
 */
export interface IMailService {
  /** The service's name, unique on a host: lower-case letters, digits and hyphens. */
  readonly name: string;
  /**
   * The ports at which the server presents certificates, in the order in which they are preferred for
   * handshakes.
   */
  readonly endpoints: ServiceEndpoint[];
  /** The commands that check, reload and query the server. Empty if the server only needs files. */
  readonly commands: ServiceCommands;
  /**
   * The main configuration file, for servers that can check files before they are live.
   *
   * @default - new files are checked when they are live
   */
  readonly configuration?: ServiceConfiguration;

  /**
   * The files that the server needs before any certificate, once for each host: directories, a main file, a
   * placeholder.
   */
  hostFiles(): HostContent;
  /**
   * The files that make the server present `certificate` to clients that send one of its names.
   *
   * @throws MailSniError for a name that the server cannot serve
   */
  certificateFiles(certificate: ServedCertificate): HostContent;
  /**
   * The files that make the server present `certificate` to all other clients. The paths must be the same for
   * every certificate, so that another default replaces them.
   */
  defaultFiles(certificate: ServedCertificate): HostContent;
  /**
   * The certificate that is presented for the SNI name `name`, by the rules of the server. The name is taken
   * literally.
   */
  lookup(name: string, certificates: ServedCertificates): Lookup;
  /**
   * The lookup of the server's next version, to find names whose certificate changes when only the server is
   * upgraded. Leave it out if the next version presents the same certificates.
   *
   * @default - none
   */
  readonly upgrade?: IServiceUpgrade;
  /**
   * Names that the server has entries for without this library, in lower case, with `*` for a label. The SNI
   * table lists them.
   *
   * @default - none
   */
  readonly otherNames?: string[];
}

/** The next version of a mail server, if it looks names up by other rules. */
export interface IServiceUpgrade {
  /** The version, for messages, such as `Dovecot 2.4`. */
  readonly to: string;
  /** The same as {@link IMailService.lookup}, by the rules of that version. */
  lookup(name: string, certificates: ServedCertificates): Lookup;
}

/** A port at which a server presents certificates. */
export interface ServiceEndpoint {
  /** The TCP port. */
  readonly port: number;
  /** The protocol that is spoken before the TLS handshake. */
  readonly protocol: MailProtocol;
  /**
   * The IP address, as seen from the host.
   *
   * @default "127.0.0.1"
   */
  readonly address?: string;
  /**
   * Whether the server at this port evaluates the client's SNI (RFC 6066 §3). If not, it presents the default
   * certificate to all clients, and a handshake there confirms no other. Only a canary is asked there.
   *
   * @default true
   */
  readonly sni?: boolean;
  /**
   * Whether the port may be closed while another port of the service answers. `mail-sni verify` reports that as a note; at any
   * other endpoint a closed port is an error. The default ports of qmail and Dovecot are optional, since a server may do
   * without some of them.
   *
   * @default false
   */
  readonly optional?: boolean;
}

/** The protocol that is spoken at an endpoint before the TLS handshake. */
export enum MailProtocol {
  /** None: TLS from the first byte (imaps, pop3s, submissions). */
  TLS = "tls",
  /** STARTTLS, RFC 3207. */
  SMTP = "smtp",
  /** STARTTLS, RFC 9051 §6.2.1. */
  IMAP = "imap",
  /** STLS, RFC 2595 §4. */
  POP3 = "pop3",
  /** STARTTLS of ManageSieve, RFC 5804 §2.2. */
  SIEVE = "sieve",
}

/**
 * Commands of a mail server, as argument lists. No shell interprets them. They run on the host, as the user
 * who deploys. Below a `root` other than "/" they run only if the host's ownership is `Ownership.APPLY`.
 */
export interface ServiceCommands {
  /**
   * Finds the installed version of the server. If it is not the expected version, or the server is not
   * installed, the provider writes no files for it.
   *
   * @default - the installed version is assumed to be the right one
   */
  readonly version?: ServerVersion;
  /**
   * Verifies that the server reads {@link IMailService.hostFiles}. If it does not, the apply stops there.
   *
   * @default - the server is assumed to read them
   */
  readonly arrival?: ServerArrival;
  /**
   * Exits 0 if the configuration `{candidate}` is valid.
   *
   * @default - no check
   */
  readonly check?: string[];
  /**
   * Runs after the configuration is swapped in, before `activate`; such as `postmap`. The umask is 077,
   * because the result may contain keys: use `chmod` for a file that other users have to read.
   *
   * @default - no rebuild
   */
  readonly rebuild?: string[];
  /**
   * Makes the server reload its files.
   *
   * @default - the server reads its files at each connection
   */
  readonly activate?: string[];
  /**
   * Exits 0 if the server is running. A server that is not running is not activated.
   *
   * @default - the server is assumed to be running
   */
  readonly running?: string[];
  /**
   * Prints the certificate file that is presented to clients without SNI, or nothing if there is none.
   *
   * @default - placeholders with a configuration file are not created
   */
  readonly defaultCertificate?: string[];
  /**
   * Prints the certificate file that the effective configuration selects for `{name}`.
   *
   * @default - only a handshake reveals other configuration that overrides a name
   */
  readonly chosen?: string[];
  /**
   * Finds the names for which `chosen` has to run.
   *
   * @default - `chosen` runs for all names
   */
  readonly nameBlocks?: NameBlocks;
}

/** The server version that files are written for, and how to find the installed version. */
export interface ServerVersion {
  /** Prints the version; the exit status is ignored. */
  readonly print: string[];
  /** A JavaScript regular expression for one line of the output; its first group is the version. */
  readonly pattern: string;
  /** The version that the files are for, in the form that `pattern` finds. */
  readonly expected: string;
  /** What to do if the installed version is another one, in one sentence. */
  readonly advice: string;
}

/**
 * The line in the effective configuration which shows that the server reads {@link IMailService.hostFiles}.
 */
export interface ServerArrival {
  /** Prints the effective configuration. */
  readonly list: string[];
  /** A JavaScript regular expression that matches one line of the output if the server reads the files. */
  readonly pattern: string;
  /** What to do if no line matches, in one sentence. */
  readonly advice: string;
}

/** How to find the blocks of names in an effective configuration. */
export interface NameBlocks {
  /** Prints the effective configuration. */
  readonly list: string[];
  /** A JavaScript regular expression; its first group is the names of a block, separated by blanks. */
  readonly pattern: string;
  /**
   * Which of several blocks for a name the server selects, in the order in which `list` prints them.
   *
   * @default - `chosen` runs for each name with several blocks
   */
  readonly winner?: BlockWinner;
}

/** How to build the candidate configuration for `check`: the main file plus files that are not live yet. */
export interface ServiceConfiguration {
  /** The absolute path of the server's main file. */
  readonly file: string;
  /** The line that includes the file `{path}`. */
  readonly include: string;
  /** The position of new files in the candidate configuration. */
  readonly position: IncludePosition;
  /**
   * An extended regular expression for lines of `file` that must stay at the beginning.
   *
   * @default - none
   */
  readonly head?: string;
  /**
   * An extended regular expression for include lines. The second word of such a line is a file or a pattern
   * of files that the server reads there. It is relative to the file that contains the line, unless it begins
   * with a slash.
   *
   * @default - messages do not name the file in which something is configured
   */
  readonly includes?: string;
}

/** The position of new files in a candidate configuration: where they would win. */
export enum IncludePosition {
  FIRST = "first",
  LAST = "last",
}
