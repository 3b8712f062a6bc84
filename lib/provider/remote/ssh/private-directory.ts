import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConnectionFiles } from "./arguments";

/** Of sun_path, less the terminating NUL: unix(7); 104 bytes on macOS. */
const LONGEST_SOCKET_PATH = process.platform === "linux" ? 107 : 103;
/** ssh binds its socket under a longer name first. */
const SUFFIX = ".XXXXXXXXXXXXXXXX";
const PREFIX = "mail-sni-ssh-";

/** A fresh directory that only this user can enter, with a path short enough for a socket. */
export class PrivateDirectory implements ConnectionFiles {
  readonly socket: string;
  readonly knownHosts: string | null;
  readonly #path: string;

  constructor(knownHosts: string | null, temporaryDirectory = tmpdir()) {
    const parent = isFitForSocket(temporaryDirectory) ? temporaryDirectory : "/tmp";
    this.#path = mkdtempSync(join(parent, PREFIX));
    this.socket = join(this.#path, "s");
    this.knownHosts = knownHosts === null ? null : join(this.#path, "known_hosts");
    if (this.knownHosts !== null) writeFileSync(this.knownHosts, knownHosts ?? "", { mode: 0o600 });
  }

  remove(): void {
    rmSync(this.#path, { recursive: true, force: true });
  }
}

function isFitForSocket(parent: string): boolean {
  const path = join(parent, `${PREFIX}XXXXXX`, `s${SUFFIX}`);
  // Of a control path ssh replaces what follows a percent sign, and a quotation mark would end that of another file.
  return Buffer.byteLength(path) <= LONGEST_SOCKET_PATH && /^[\w./-]+$/.test(path);
}
