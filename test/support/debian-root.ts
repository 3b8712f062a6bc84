import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cachePath } from "./cache";
import { findCommand, mustRun } from "./commands";
import { POLICY_DENIES_SERVICES } from "./debian";

/**
 * A root directory of Debian 13 (trixie) with packages of its own: those of two mail servers cannot be installed beside each
 * other. `chroot ROOT PROGRAM` is enough to run one: nothing needs to be mounted.
 */
export class DebianRoot {
  /**
   * @param name in the user's cache directory
   * @param packages what is installed
   * @param program by which to tell that it is there
   */
  constructor(
    private readonly name: string,
    private readonly packages: readonly string[],
    private readonly program: string,
  ) {}

  /** Where it is; null until it was made. */
  find(): string | null {
    const root = cachePath(this.name);
    return existsSync(join(root, this.program)) ? root : null;
  }

  /**
   * Makes it, in about half a minute and some 300 MB, from the mirror that this machine's own packages come from.
   *
   * Needs root and debootstrap.
   */
  async make(): Promise<string> {
    const root = cachePath(this.name);
    // Under its own name only when it is whole, so that an interrupted run leaves nothing that looks usable.
    const unfinished = `${root}.${process.pid}`;
    mkdirSync(dirname(root), { recursive: true });
    try {
      const mirror = await debianMirror();
      const debootstrap = findCommand("debootstrap") ?? "debootstrap";
      const include = "--include=openssl,ca-certificates";
      await mustRun([debootstrap, "--variant=minbase", include, "trixie", unfinished, mirror], LIMIT);
      writeFileSync(join(unfinished, "usr/sbin/policy-rc.d"), POLICY_DENIES_SERVICES, { mode: 0o755 });
      await install(unfinished, this.packages);
      rmSync(root, { recursive: true, force: true });
      renameSync(unfinished, root);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
    return root;
  }

  /** Installs a package into the directory that was made before. */
  async install(name: string): Promise<void> {
    const root = this.find();
    if (root !== null) await install(root, [name]);
  }
}

async function install(root: string, packages: readonly string[]): Promise<void> {
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
