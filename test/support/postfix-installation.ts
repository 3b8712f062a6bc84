import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cachePath } from "./cache";
import { mustRun } from "./commands";
import { APT, APT_LIMIT, unpackPackage } from "./debian-archive";

/** The `postmap` of Debian's Postfix. Its environment has to have `MAIL_CONFIG`, see `writePostfixConfiguration`. */
export function findPostmap(): string | null {
  const postmap = join(cachePath("postfix"), "postmap");
  return existsSync(postmap) && spawnSync(postmap, ["-?"]).status !== WITHOUT_LIBRARIES ? postmap : null;
}

/**
 * Unpacks Debian's package, rather than installing it: that would remove another mail server, or start this one. Installs
 * the libraries that it needs. Needs root.
 */
export function unpackPostfix(): Promise<void> {
  return unpackPackage("postfix", async ({ archive, files, installed }) => {
    const { stdout: depends } = await mustRun(["dpkg-deb", "-f", archive, "Depends"]);
    const libraries = depends.split(",").flatMap((one) => /^\s*(lib\S+)/.exec(one)?.[1] ?? []);
    await mustRun([...APT, "install", "-y", "--no-install-recommends", ...libraries], APT_LIMIT);
    writeFileSync(join(files, "postmap"), launcher(installed), { mode: 0o755 });
  });
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
