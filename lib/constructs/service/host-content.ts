import { Token } from "cdktf";
import { serviceErrors } from "../../shared/errors";

/** What a service wants on a host, by absolute path (without the host's root). */
export interface HostContent {
  /**
   * Directories above files need not be listed: they are made with mode 0755, and go when they are empty.
   *
   * @default - none
   */
  readonly directories?: { [path: string]: FileAttributes };
  /** @default - none */
  readonly files?: { [path: string]: HostFile };
  /**
   * Symbolic links: the relative target leads to one of `files`.
   *
   * @default - none
   */
  readonly links?: { [path: string]: string };
  /**
   * Self-signed PEMs, made where nothing is so that a server has a certificate at all.
   *
   * @default - none
   */
  readonly placeholders?: { [path: string]: Placeholder };
}

export interface FileAttributes {
  /**
   * Permission bits in octal, such as `"0640"`.
   *
   * @default "0755" for directories, "0644" for texts, "0600" for PEMs
   */
  readonly mode?: string;
  /**
   * A name or a number.
   *
   * @default - whoever deploys, or who owns it already
   */
  readonly owner?: string;
  /**
   * A name or a number.
   *
   * @default - the group of whoever deploys, or whose it is already
   */
  readonly group?: string;
}

export interface HostFileOptions extends FileAttributes {
  /**
   * Whether the file stays, belonging to nobody, when it is no longer declared.
   *
   * @default false
   */
  readonly keep?: boolean;
}

/** A file on a host. */
export class HostFile {
  /** Readable text: shown in plans, and as a difference where somebody edits it. No template: `${` is just that. */
  public static text(text: string, options: HostFileOptions = {}): HostFile {
    return new HostFile(text, false, options);
  }

  /** A private key, its leaf and chain: looked at before it is installed, never shown and never kept in the state. */
  public static pem(pem: string, options: HostFileOptions = {}): HostFile {
    return new HostFile(pem, true, options);
  }

  private constructor(
    public readonly contents: string,
    public readonly isPem: boolean,
    public readonly options: HostFileOptions,
  ) {
    checkMode(options.mode);
  }
}

/** A PEM that is better than none. */
export interface Placeholder extends FileAttributes {
  /**
   * A configuration file that names the PEM. With it, both are made only where the service's `defaultCertificate`
   * prints nothing.
   *
   * @default - the PEM alone, where nothing is at its path
   */
  readonly configurationFile?: string;
  /** @default - required with `configurationFile` */
  readonly configurationText?: string;
}

/**
 * An absolute path without surprises: it becomes a key in Terraform, a word in the configuration of a server, and an
 * argument of its commands.
 *
 * @param what for messages: what the path is of
 * @throws MailSniError `PATH_INVALID`
 */
export function checkPath(what: string, path: string): string {
  if (!PLAIN_PATH.test(path)) throw serviceErrors.path(what, path, faultOf(path));
  return path;
}

/** Names that are neither `.` nor `..`, each behind one slash. */
const PLAIN_PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~@%+=:,-]+)+$/;

function faultOf(path: string): string {
  if (Token.isUnresolved(path)) return "is a Terraform expression, where paths have to be known at synth";
  if (!path.startsWith("/")) return "is not absolute";
  if (/[^\w./~@%+=:,-]/.test(path)) return "has blanks or special characters in it";
  return "is not in normal form";
}

/** @throws MailSniError `MODE_INVALID` */
export function checkMode(mode: string | undefined): void {
  if (mode !== undefined && !/^0?[0-7]{3}$/.test(mode)) throw serviceErrors.mode(mode);
}
