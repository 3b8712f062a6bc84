import { createHash } from "node:crypto";
import type { DovecotDialect } from "./dovecot-dialect";

/** Where a Dovecot has what is written for it. */
export class DovecotFiles {
  /** Of all PEMs, and of the snippets of each version. */
  readonly home: string;
  /** By version, so that what one cannot read is not in the other's way during an upgrade. */
  readonly snippets: string;
  readonly main: string;
  /** What names the global certificate. */
  readonly default: string;
  readonly defaultPem: string;

  /** @param directory of Dovecot's configuration */
  constructor(directory: string, { version, mainFile }: DovecotDialect) {
    this.home = `${directory}/mail-sni`;
    this.snippets = `${this.home}/${version}`;
    this.main = `${directory}/conf.d/${mainFile}`;
    this.default = `${directory}/conf.d/99-mail-sni-default.conf`;
    this.defaultPem = this.pemOf("default");
  }

  /** @param certificate its name */
  pemOf(certificate: string): string {
    return `${this.home}/${fileName(certificate)}.pem`;
  }

  /** @param certificate its name */
  snippetOf(certificate: string): string {
    return `${this.snippets}/${fileName(certificate)}.conf`;
  }
}

/** File names have 255 bytes, a little less than the longest domain and its extension: those are cut, and told apart. */
function fileName(domain: string): string {
  if (domain.length <= 250) return domain;
  return `${domain.slice(0, 200)}-${createHash("sha256").update(domain).digest("hex").slice(0, 16)}`;
}
