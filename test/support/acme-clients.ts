import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { cachePath } from "./cache";
import { mustRun } from "./commands";
import { APT, APT_LIMIT, unpackPackage } from "./debian-archive";

/** Debian's certbot, where its libraries are installed. */
export function findCertbot(): string | null {
  return working(join(certbotFiles(), "usr/bin/certbot"));
}

/** The files of Debian's package of certbot, with its timer and its crontab. */
export function certbotFiles(): string {
  return cachePath("certbot");
}

/** Debian's lego. */
export function findLego(): string | null {
  return working(join(cachePath("lego"), "usr/bin/lego"));
}

/**
 * Unpacks Debian's package, rather than installing it: that would start its timer. Installs its libraries, which start nothing. Needs
 * root.
 */
export function unpackCertbot(): Promise<void> {
  return unpackPackage("certbot", async () => {
    await mustRun([...APT, "install", "-y", "--no-install-recommends", "python3-certbot"], APT_LIMIT);
  });
}

/** The same of lego, which has nothing but its program. */
export function unpackLego(): Promise<void> {
  return unpackPackage("lego", async () => {});
}

function working(program: string): string | null {
  return existsSync(program) && spawnSync(program, ["--version"]).status === 0 ? program : null;
}
