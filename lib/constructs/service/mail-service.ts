import type { HostContent } from "./host-content";
import type { Lookup, ServedCertificate, ServedCertificates } from "./served-certificate";

/**
 * A mail server on a host: which files make it present a certificate, how it is told of them, and which certificate it
 * presents for a name. Pure: it describes, and neither reads nor writes anything.
 *
 * To add a server, implement this; nothing else has to know of it.
 */
export interface IMailService {
  /** Unique on a host: lower-case letters, digits and hyphens. */
  readonly name: string;
  /** Where the server presents certificates, the best place for asking it first. */
  readonly endpoints: ServiceEndpoint[];
  /** How the server is checked, told and asked. Empty where files are all there is to it. */
  readonly commands: ServiceCommands;
  /**
   * The main configuration, for servers whose check can include files that are not live yet.
   *
   * @default - new files are checked once they are live
   */
  readonly configuration?: ServiceConfiguration;

  /** What is there once a host, before any certificate: directories, a main file, a placeholder. */
  hostFiles(): HostContent;
  /**
   * What has the server present `certificate` to clients that ask for one of its names.
   *
   * @throws MailSniError for a name that the server cannot serve
   */
  certificateFiles(certificate: ServedCertificate): HostContent;
  /** What has the server present `certificate` to all other clients. One slot: the paths do not depend on it. */
  defaultFiles(certificate: ServedCertificate): HostContent;
  /** Which of `certificates` a client is presented that sends `name`, taken literally. */
  lookup(name: string, certificates: ServedCertificates): Lookup;
  /**
   * What becomes of that when the server is upgraded, and nothing else on the host changes; where that is known to be
   * the same, nothing needs to be said.
   *
   * @default - nothing
   */
  readonly upgrade?: IServiceUpgrade;
  /**
   * Names that the server knows without this library, for the table of who is served what: lower-case, `*` for a label.
   *
   * @default - none
   */
  readonly otherNames?: string[];
}

/** The next version of a mail server, where that looks names up in another way. */
export interface IServiceUpgrade {
  /** For messages, such as `Dovecot 2.4`. */
  readonly to: string;
  /** As {@link IMailService.lookup}, by the rules of that version. */
  lookup(name: string, certificates: ServedCertificates): Lookup;
}

/** A place at which a server presents certificates. */
export interface ServiceEndpoint {
  /** TCP port. */
  readonly port: number;
  readonly protocol: MailProtocol;
  /**
   * As seen from the host.
   *
   * @default "127.0.0.1"
   */
  readonly address?: string;
  /**
   * Whether what answers there looks at the name that a client asks for (SNI, RFC 6066 §3). Where it does not, everybody
   * is presented the default certificate, and nothing is confirmed by a handshake.
   *
   * @default true
   */
  readonly sni?: boolean;
}

/** What is spoken at an endpoint until the TLS handshake begins. */
export enum MailProtocol {
  /** Nothing: TLS from the first byte (imaps, pop3s, submissions). */
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
 * Commands as argument lists; no shell is involved. Run on the host, as whoever deploys, and never below a `root` unless
 * the host's ownership says so.
 */
export interface ServiceCommands {
  /**
   * Shows which version of the server is installed: where it is another one than the files are for, or none, nothing is
   * written for it.
   *
   * @default - whatever is installed is taken to be the right one
   */
  readonly version?: ServerVersion;
  /**
   * Shows that the server reads {@link IMailService.hostFiles}: where it does not, an apply ends there.
   *
   * @default - the server is taken to read them
   */
  readonly arrival?: ServerArrival;
  /**
   * Exits 0 if the configuration `{candidate}` is sound.
   *
   * @default - nothing is checked
   */
  readonly check?: string[];
  /**
   * Runs after the configuration was swapped, before `activate`; such as `postmap`. Its umask is 077, since what it makes may
   * hold keys: a file that other users have to read needs a `chmod`.
   *
   * @default - nothing has to be built
   */
  readonly rebuild?: string[];
  /**
   * Has the server read its files again.
   *
   * @default - the server reads them at each connection
   */
  readonly activate?: string[];
  /**
   * Exits 0 while the server runs; one that does not is not activated.
   *
   * @default - taken to run
   */
  readonly running?: string[];
  /**
   * Prints the certificate file that a client without SNI is presented, or nothing where there is none.
   *
   * @default - placeholders with a configuration file are not made
   */
  readonly defaultCertificate?: string[];
  /**
   * Prints the certificate file that the effective configuration picks for `{name}`.
   *
   * @default - foreign configuration that takes a name is found by handshake only
   */
  readonly chosen?: string[];
  /**
   * Finds the names for which `chosen` is worth asking.
   *
   * @default - all names are asked for
   */
  readonly nameBlocks?: NameBlocks;
}

/** The version of a server that files are written for, and how the installed one is found. */
export interface ServerVersion {
  /** Prints the version, with any exit status. */
  readonly print: string[];
  /** A regular expression as JavaScript has them, for one line of the output; its first group is the version. */
  readonly pattern: string;
  /** The version that the files are for, as `pattern` finds it. */
  readonly expected: string;
  /** What to do where it is another one, in one sentence. */
  readonly advice: string;
}

/** The trace that the configuration of {@link IMailService.hostFiles} leaves in a server that reads it. */
export interface ServerArrival {
  /** Prints the effective configuration. */
  readonly list: string[];
  /** A regular expression as JavaScript has them, for one line of the output: there is one where the files are read. */
  readonly pattern: string;
  /** What to do where there is none, in one sentence. */
  readonly advice: string;
}

/** How the blocks of names in an effective configuration are found. */
export interface NameBlocks {
  /** Prints the effective configuration. */
  readonly list: string[];
  /** A regular expression as JavaScript has them; its first group is the names of a block, separated by blanks. */
  readonly pattern: string;
  /**
   * Which of several blocks for a name the server chooses, in the order in which `list` prints them.
   *
   * @default - it is asked by `chosen` wherever there are several
   */
  readonly winner?: BlockWinner;
}

/** Which of several blocks for a name a server chooses. */
export enum BlockWinner {
  FIRST = "first",
  LAST = "last",
}

/** How a configuration with files that are not live yet is put together for `check`. */
export interface ServiceConfiguration {
  /** Absolute path of the server's main file. */
  readonly file: string;
  /** The line that includes `{path}`. */
  readonly include: string;
  readonly position: IncludePosition;
  /**
   * Lines of `file` that match this extended regular expression have to come first.
   *
   * @default - none
   */
  readonly head?: string;
  /**
   * The second word of lines that match this extended regular expression is a file, or a pattern of files, that the server
   * reads there: relative to the file that has the line, where it does not begin with a slash.
   *
   * @default - messages do not say where something is configured
   */
  readonly includes?: string;
}

/** Where new files stand in a candidate configuration: where they would win. */
export enum IncludePosition {
  FIRST = "first",
  LAST = "last",
}
