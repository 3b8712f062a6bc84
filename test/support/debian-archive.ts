import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cachePath } from "./cache";
import { findCommand, mustRun } from "./commands";

export const APT = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"] as const;
export const APT_LIMIT = { timeoutMs: 300_000, env: { DEBIAN_FRONTEND: "noninteractive" } };

export interface UnpackedPackage {
  readonly archive: string;
  /** Where its files are until they are moved. */
  readonly files: string;
  /** Where they will be. */
  readonly installed: string;
}

export function canUnpackPackages(): boolean {
  return process.getuid?.() === 0 && findCommand("apt-get") !== null;
}

/**
 * Unpacks a Debian package into the cache, rather than installing it, which would start its services. Needs root.
 *
 * @param prepare changes the files before they are moved
 */
export async function unpackPackage(
  name: string,
  prepare: (unpacked: UnpackedPackage) => Promise<void>,
): Promise<void> {
  const workshop = mkdtempSync(join(tmpdir(), "mail-sni-package-"));
  try {
    await mustRun([...APT, "update"], APT_LIMIT);
    await mustRun([...APT, "download", name], { ...APT_LIMIT, cwd: workshop });
    const archive = join(workshop, readdirSync(workshop).find((file) => file.endsWith(".deb")) ?? "");
    const [files, installed] = [join(workshop, "files"), cachePath(name)];
    await mustRun(["dpkg-deb", "-x", archive, files]);
    await prepare({ archive, files, installed });
    mkdirSync(dirname(installed), { recursive: true });
    await mustRun(["cp", "-a", files, `${installed}.${process.pid}`]);
    rmSync(installed, { recursive: true, force: true });
    renameSync(`${installed}.${process.pid}`, installed);
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}
