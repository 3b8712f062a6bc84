import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cachePath } from "./cache";
import { findCommand, mustRun } from "./commands";
import { POLICY_DENIES_SERVICES } from "./debian";

/** The root directory of a Debian 13 (trixie), which has Dovecot 2.4; null until it was made. */
export function findTrixie(): string | null {
  const root = cachePath("trixie");
  return existsSync(join(root, "usr/sbin/dovecot")) ? root : null;
}

/**
 * Makes that directory, in about half a minute and 380 MB, from the mirror that this machine's own packages come
 * from. `chroot ROOT dovecot -c FILE` is enough to run it: nothing needs to be mounted.
 *
 * Needs root and debootstrap.
 */
export async function makeTrixie(): Promise<string> {
  const root = cachePath("trixie");
  // Under its own name only when it is whole, so that an interrupted run leaves nothing that looks usable.
  const unfinished = `${root}.${process.pid}`;
  mkdirSync(dirname(root), { recursive: true });
  try {
    const mirror = await debianMirror();
    const debootstrap = findCommand("debootstrap") ?? "debootstrap";
    const include = "--include=openssl,ca-certificates";
    await mustRun([debootstrap, "--variant=minbase", include, "trixie", unfinished, mirror], LIMIT);
    writeFileSync(join(unfinished, "usr/sbin/policy-rc.d"), POLICY_DENIES_SERVICES, { mode: 0o755 });
    await install(unfinished, "dovecot-imapd", "dovecot-pop3d", "dehydrated");
    rmSync(root, { recursive: true, force: true });
    renameSync(unfinished, root);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return root;
}

/** Whether a command was installed into that directory. */
export function trixieHas(command: string): boolean {
  const root = findTrixie();
  return root !== null && existsSync(join(root, "usr/bin", command));
}

/** Installs a package into the directory that was made before. */
export async function installInTrixie(name: string): Promise<void> {
  const root = findTrixie();
  if (root !== null) await install(root, name);
}

async function install(root: string, ...packages: readonly string[]): Promise<void> {
  await mustRun(
    ["chroot", root, "apt-get", "install", "-qq", "-y", "--no-install-recommends", ...packages],
    LIMIT,
  );
}

const LIMIT = {
  timeoutMs: 600_000,
  env: { DEBIAN_FRONTEND: "noninteractive", PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
};

/** @throws Error where apt has no source of Debian itself */
async function debianMirror(): Promise<string> {
  const format = "$(REPO_URI) $(RELEASE)";
  const { stdout } = await mustRun(["apt-get", "indextargets", "--format", format, "Created-By: Packages"]);
  const release = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1];
  for (const line of stdout.split("\n")) {
    const [uri, name] = line.split(" ");
    // Not the security archive, and not what others publish for Debian.
    if (uri !== undefined && name === release && /\/debian\/?$/.test(uri)) return uri;
  }
  throw new Error("apt's sources on this machine name no mirror of Debian");
}
