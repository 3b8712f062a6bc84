import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { removeAbandonedSockets } from "../../abandoned-sockets";
import { fitsSocketPath, makeSocketDirectory } from "../../socket-path";
import type { ConnectionFiles } from "./arguments";

const PREFIX = "mail-sni-ssh-";
const SOCKET = "s";
const KNOWN_HOSTS = "known_hosts";
const SHOWN_KEY = "shown_key";
/** Sockets of forwarded connections, with a number behind it. */
const FORWARDING = "f";
/** The name under which ssh first binds its socket: with a dot and 16 random characters appended. */
const FIRST_SOCKET = `${SOCKET}.${"X".repeat(16)}`;
const OTHER_FILES = new RegExp(`^(${KNOWN_HOSTS}|${SHOWN_KEY}|${SOCKET}\\.\\w{16}|${FORWARDING}\\d{1,9})$`);

/** A new directory that only this user can enter, with a path short enough for a socket. */
export class PrivateDirectory implements ConnectionFiles {
  readonly socket: string;
  readonly knownHosts: string | null;
  /** The file for the key that a host shows. */
  readonly shownKey: string;
  readonly #path: string;
  #forwardings = 0;

  constructor(knownHosts: string | null, temporaryDirectory = tmpdir()) {
    const parents = [resolve(temporaryDirectory), "/tmp"].filter(isFitForSocket);
    this.#path = makeSocketDirectory(parents, PREFIX);
    this.socket = join(this.#path, SOCKET);
    this.shownKey = join(this.#path, SHOWN_KEY);
    this.knownHosts = knownHosts === null ? null : join(this.#path, KNOWN_HOSTS);
    // An ssh whose process was killed ends by itself, but removes only its socket.
    void removeAbandonedSockets({
      own: this.#path,
      prefix: PREFIX,
      socket: SOCKET,
      others: OTHER_FILES,
      mayLackSocket: true,
    });
    if (this.knownHosts !== null) writeFileSync(this.knownHosts, knownHosts ?? "", { mode: 0o600 });
  }

  /** A socket for forwarded connections, whose name no other has. */
  forwarding(): string {
    return join(this.#path, `${FORWARDING}${++this.#forwardings}`);
  }

  remove(): void {
    rmSync(this.#path, { recursive: true, force: true });
  }
}

function isFitForSocket(parent: string): boolean {
  // ssh expands percent signs in a control path, and a quotation mark would end the path of another file.
  return fitsSocketPath(parent, PREFIX, FIRST_SOCKET) && /^[\w./-]+$/.test(parent);
}
