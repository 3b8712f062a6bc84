import { createHash } from "node:crypto";
import type { DovecotDialect } from "./dovecot-dialect";

/** Where a Dovecot has what is written for it. */
export class DovecotFiles {
  /** @param directory of Dovecot's configuration */
  constructor(
    private readonly directory: string,
    private readonly dialect: DovecotDialect,
  ) {}

  /** Of all PEMs, and of the snippets of each version. */
  get home(): string {
    return `${this.directory}/mail-sni`;
  }

  get main(): string {
    return `${this.directory}/conf.d/${this.dialect.mainFile}`;
  }

  /** What names the global certificate. */
  get default(): string {
    return `${this.directory}/conf.d/99-mail-sni-default.conf`;
  }

  get defaultPem(): string {
    return this.pemOf("default");
  }

  /** By version, so that what one cannot read is not in the other's way during an upgrade. */
  get snippets(): string {
    return `${this.home}/${this.dialect.version}`;
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
