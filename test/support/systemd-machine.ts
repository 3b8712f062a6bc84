import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type CommandResult, runCommand } from "./commands";

const BOOT_DEADLINE_MS = 30_000;

/**
 * Makes a root directory out of this machine's, whose changes are in memory, and starts systemd in it. What it starts by itself
 * is nothing of this machine's own but its journal and its bus.
 */
const BOOT = `set -e
place=$1
shift
mount --make-rprivate /
mount -t tmpfs none "$place"
mkdir "$place/changed" "$place/work" "$place/root"
root=$place/root
mount -t overlay none -o "lowerdir=/,upperdir=$place/changed,workdir=$place/work" "$root"
mount -t proc none "$root/proc"
mount -t sysfs none "$root/sys"
mount -t cgroup2 none "$root/sys/fs/cgroup"
mount -t tmpfs none "$root/run"
mount -t tmpfs -o mode=755 none "$root/dev"
for name in null zero full random urandom tty; do
  touch "$root/dev/$name"
  mount --bind "/dev/$name" "$root/dev/$name"
done
ln -s /proc/self/fd "$root/dev/fd"
mkdir "$root/dev/shm" "$root/dev/pts"
mount -t tmpfs none "$root/dev/shm"
for directory; do
  mkdir -p "$root$directory"
  mount --bind "$directory" "$root$directory"
done
units=$root/etc/systemd/system
rm -rf "$units"
mkdir "$units"
for unit in getty.target systemd-udevd.service systemd-udev-trigger.service systemd-logind.service systemd-tmpfiles-setup.service \\
  systemd-tmpfiles-clean.timer systemd-networkd.service systemd-resolved.service; do ln -s /dev/null "$units/$unit"; done
exec env -i container=test PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \\
  chroot "$root" /usr/lib/systemd/systemd --unit=multi-user.target --log-target=null
`;

/** Debian's systemd as the first process of namespaces of its own, on what looks like this machine. It ends with this process. */
export class SystemdMachine {
  /**
   * @param shared directories that are this machine's own, and not a copy
   * @throws Error if it does not come up
   */
  static async boot(shared: readonly string[]): Promise<SystemdMachine> {
    const place = mkdtempSync(join(tmpdir(), "mail-sni-systemd-"));
    const namespaces = ["--mount", "--pid", "--uts", "--ipc", "--net", "--cgroup"];
    const outer = spawn(
      "unshare",
      [...namespaces, "--fork", "--kill-child=SIGKILL", "sh", "-c", BOOT, "sh", place, ...shared],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
    const machine = new SystemdMachine(outer, place);
    const end = performance.now() + BOOT_DEADLINE_MS;
    while (!(await machine.isUp())) {
      if (outer.exitCode !== null || performance.now() > end) {
        await machine.stop();
        throw new Error("systemd did not come up");
      }
      await delay(100);
    }
    return machine;
  }

  private constructor(
    private readonly outer: ChildProcess,
    private readonly place: string,
  ) {}

  private async isUp(): Promise<boolean> {
    const { stdout } = await this.run(["systemctl", "is-system-running"]);
    return ["running", "degraded"].includes(stdout.trim());
  }

  /** The process id of its systemd, as this machine sees it. */
  private get pid(): string {
    return readFileSync(`/proc/${this.outer.pid}/task/${this.outer.pid}/children`, "utf8").trim();
  }

  /** Runs a command there. */
  async run(command: readonly [string, ...string[]]): Promise<CommandResult> {
    const inside = ["nsenter", "--target", this.pid, "--all", "--root", "--wdns=/"] as const;
    return runCommand([...inside, ...command]);
  }

  /** Writes a file there. */
  write(path: string, text: string, mode?: number): void {
    const file = join(`/proc/${this.pid}/root`, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode });
  }

  /** Removes a file there. */
  remove(path: string): void {
    rmSync(join(`/proc/${this.pid}/root`, path));
  }

  async stop(): Promise<void> {
    if (this.outer.exitCode === null && this.outer.signalCode === null) {
      const ended = once(this.outer, "close");
      this.outer.kill("SIGKILL");
      await ended;
    }
    rmSync(this.place, { recursive: true, force: true });
  }
}
