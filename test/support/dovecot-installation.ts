import { execFileSync } from "node:child_process";
import { findCommand } from "./commands";
import { findTrixie } from "./trixie";

export type DovecotVersion = "2.3" | "2.4";

export interface DovecotInstallation {
  readonly version: DovecotVersion;
  /** Where its files are: `/`, or the directory that it is run in with chroot. */
  readonly root: string;
}

/** A Dovecot of that version: this machine's own, or the one of trixie. */
export function findDovecot(version: DovecotVersion): DovecotInstallation | null {
  const own = findCommand("dovecot");
  if (own && installedVersion(own).startsWith(`${version}.`)) return { version, root: "/" };
  const trixie = version === "2.4" ? findTrixie() : null;
  return trixie ? { version, root: trixie } : null;
}

function installedVersion(dovecot: string): string {
  return execFileSync(dovecot, ["--version"], { encoding: "utf8" });
}
