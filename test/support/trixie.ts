import { existsSync } from "node:fs";
import { join } from "node:path";
import { DebianRoot } from "./debian-root";

/** With Dovecot 2.4, and what else Debian 12 has in an older version. */
const trixie = new DebianRoot("trixie", ["dovecot-imapd", "dovecot-pop3d", "dehydrated"], "usr/sbin/dovecot");

/** The root directory of a Debian 13 (trixie), which has Dovecot 2.4; null until it was made. */
export function findTrixie(): string | null {
  return trixie.find();
}

export function makeTrixie(): Promise<string> {
  return trixie.make();
}

/** Whether a command was installed into that directory. */
export function trixieHas(command: string): boolean {
  const root = findTrixie();
  return root !== null && existsSync(join(root, "usr/bin", command));
}

/** Installs a package into the directory that was made before. */
export function installInTrixie(name: string): Promise<void> {
  return trixie.install(name);
}
