import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cachePath } from "./cache";
import { findCommand, mustRun } from "./commands";

/** The `postmap` of Debian's Postfix. Its environment has to have `MAIL_CONFIG`, see `writePostfixConfiguration`. */
export function findPostmap(): string | null {
  const postmap = join(cachePath("postfix"), "postmap");
  return existsSync(postmap) && spawnSync(postmap, ["-?"]).status !== WITHOUT_LIBRARIES ? postmap : null;
}

export function canUnpackPostfix(): boolean {
  return process.getuid?.() === 0 && findCommand("apt-get") !== null;
}

/**
 * Unpacks Debian's package, rather than installing it: that would remove another mail server, or start this one. Installs
 * the libraries that it needs. Needs root.
 */
export async function unpackPostfix(): Promise<void> {
  const workshop = mkdtempSync(join(tmpdir(), "mail-sni-postfix-"));
  try {
    const apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"] as const;
    await mustRun([...apt, "update"], LIMIT);
    await mustRun([...apt, "download", "postfix"], { ...LIMIT, cwd: workshop });
    const archive = join(workshop, readdirSync(workshop).find((name) => name.endsWith(".deb")) ?? "");
    const { stdout: depends } = await mustRun(["dpkg-deb", "-f", archive, "Depends"]);
    const libraries = depends.split(",").flatMap((one) => /^\s*(lib\S+)/.exec(one)?.[1] ?? []);
    await mustRun([...apt, "install", "-y", "--no-install-recommends", ...libraries], LIMIT);
    const files = join(workshop, "files");
    await mustRun(["dpkg-deb", "-x", archive, files]);
    const installed = cachePath("postfix");
    writeFileSync(join(files, "postmap"), launcher(installed), { mode: 0o755 });
    mkdirSync(dirname(installed), { recursive: true });
    await mustRun(["cp", "-a", files, `${installed}.${process.pid}`]);
    rmSync(installed, { recursive: true, force: true });
    renameSync(`${installed}.${process.pid}`, installed);
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

/** Makes a directory for `MAIL_CONFIG`: with users that every Debian has, since Postfix's own were not made. */
export function writePostfixConfiguration(directory: string): void {
  mkdirSync(directory);
  writeFileSync(
    join(directory, "main.cf"),
    "compatibility_level = 3.6\nmail_owner = daemon\nsetgid_group = games\n",
  );
}

/** Its own libraries are not where the package would have them. */
function launcher(installed: string): string {
  return `#!/bin/sh
LD_LIBRARY_PATH='${installed}/usr/lib/postfix' exec '${installed}/usr/sbin/postmap' "$@"
`;
}

/** Of a program that cannot be begun. */
const WITHOUT_LIBRARIES = 127;
const LIMIT = { timeoutMs: 300_000, env: { DEBIAN_FRONTEND: "noninteractive" } };
