import { Token } from "cdktf";
import { serviceErrors } from "../../shared/errors";
import { isPlainPath } from "../../shared/plain-path";

/**
 * The files, directories, links and placeholders that a service needs on a host, by absolute path without the
 * host's root.
 */
export interface HostContent {
  /**
   * Directories, by path. You need not list the parents of files: they are created with mode 0755, and
   * removed when they are empty.
   *
   * @default - none
   */
  readonly directories?: { [path: string]: FileAttributes };
  /**
   * Files, by path.
   *
   * @default - none
   */
  readonly files?: { [path: string]: HostFile };
  /**
   * Symbolic links, by path. The value is a relative target, which must be one of `files`.
   *
   * @default - none
   */
  readonly links?: { [path: string]: string };
  /**
   * Self-signed PEMs, by path. They are created only where nothing exists, so that a server can start.
   *
   * @default - none
   */
  readonly placeholders?: { [path: string]: Placeholder };
}

/** Permissions and ownership of a file or directory. */
export interface FileAttributes {
  /**
   * Permission bits in octal, such as `"0640"`.
   *
   * @default "0755" for directories, "0644" for texts, "0600" for PEMs
   */
  readonly mode?: string;
  /**
   * The owner: a name or a number.
   *
   * @default - the user who deploys, or the present owner of an existing file
   */
  readonly owner?: string;
  /**
   * The group: a name or a number.
   *
   * @default - the group of the user who deploys, or the present group of an existing file
   */
  readonly group?: string;
}

/** Options for a file on a host. */
export interface HostFileOptions extends FileAttributes {
  /**
   * Whether the file stays on the host, no longer managed, when it is no longer declared.
   *
   * @default false
   */
  readonly keep?: boolean;
}

/** A file on a host. */
export class HostFile {
  /**
   * A text file. Plans show its contents, and show local edits as a difference. The text is no Terraform
   * template: `${` stays as it is.
   */
  public static text(text: string, options: HostFileOptions = {}): HostFile {
    return new HostFile(text, false, options);
  }

  /**
   * A PEM file: a private key, its leaf and chain. It is checked before it is installed. Plans do not show
   * it, and the state does not contain it.
   */
  public static pem(pem: string, options: HostFileOptions = {}): HostFile {
    return new HostFile(pem, true, options);
  }

  private constructor(
    /** The text, or the PEM: a Terraform expression or a literal. */
    public readonly contents: string,
    /** Whether it is a PEM, which no plan and no state has. */
    public readonly isPem: boolean,
    /** Permissions, ownership, and whether the file stays. */
    public readonly options: HostFileOptions,
  ) {
    checkMode(options.mode);
  }
}

/** A self-signed PEM with which a server can start before it has a certificate. */
export interface Placeholder extends FileAttributes {
  /**
   * The path of a configuration file that names the PEM. With it, both files are created only if the
   * service's `defaultCertificate` command prints nothing.
   *
   * @default - only the PEM is created, if nothing exists at its path
   */
  readonly configurationFile?: string;
  /**
   * The contents of `configurationFile`.
   *
   * @default - required with `configurationFile`
   */
  readonly configurationText?: string;
}

/**
 * Checks that a path is absolute and has no special characters: it becomes a key in Terraform, a word in a
 * server's configuration, and an argument of commands.
 *
 * @param what the path is of, for messages
 * @throws MailSniError `PATH_INVALID`
 */
export function checkPath(what: string, path: string): string {
  if (!isPlainPath(path)) throw serviceErrors.path(what, path, faultOf(path));
  return path;
}

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
