import { createHash } from "node:crypto";
import type { DovecotDialect } from "./dovecot-dialect";

/** The paths of the files that this library writes for Dovecot. */
export class DovecotFiles {
  /** The directory of all PEMs, and of the snippets of each version. */
  readonly home: string;
  /**
   * The directory of the snippets. Each version has its own, because neither can read the other's during an
   * upgrade.
   */
  readonly snippets: string;
  readonly main: string;
  /** The file that names the global certificate. */
  readonly default: string;
  readonly defaultPem: string;

  /** @param directory the directory of Dovecot's configuration */
  constructor(directory: string, { version, mainFile }: DovecotDialect) {
    this.home = `${directory}/mail-sni`;
    this.snippets = `${this.home}/${version}`;
    this.main = `${directory}/conf.d/${mainFile}`;
    this.default = `${directory}/conf.d/99-mail-sni-default.conf`;
    this.defaultPem = this.pemOf("default");
  }

  /**
   * The path of a certificate's PEM.
   *
   * @param certificate the certificate's name
   */
  pemOf(certificate: string): string {
    return `${this.home}/${fileName(certificate)}.pem`;
  }

  /**
   * The path of a certificate's snippet.
   *
   * @param certificate the certificate's name
   */
  snippetOf(certificate: string): string {
    return `${this.snippets}/${fileName(certificate)}.conf`;
  }
}

/**
 * A file name for a domain. File names have at most 255 bytes; the longest domains with an extension are
 * longer, so they are cut and get a hash.
 */
function fileName(domain: string): string {
  if (domain.length <= 250) return domain;
  return `${domain.slice(0, 200)}-${createHash("sha256").update(domain).digest("hex").slice(0, 16)}`;
}
