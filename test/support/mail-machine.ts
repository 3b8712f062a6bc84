import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CuttableNetwork } from "./cuttable-network";
import { SshServer } from "./ssh-server";

/** Changes of these directories are in memory, and what runs on this machine is out of reach: its systemd, for example. */
const MAKE = `set -e
place=$1
mount --make-rprivate /
mount -t tmpfs none "$place"
for directory in /etc /root /var; do
  mkdir -p "$place$directory/changed" "$place$directory/work"
  mount -t overlay none -o "lowerdir=$directory,upperdir=$place$directory/changed,workdir=$place$directory/work" "$directory"
done
mount -t tmpfs -o mode=755 none /run
mkdir /run/sshd /run/dovecot
echo made
exec sleep infinity
`;
const START_DEADLINE_MS = 20_000;

/**
 * A mail host as a stack without options describes one: `/etc/dovecot`, the usual ports, and an OpenSSH server. It has Debian's
 * files of this machine, a network of its own, and the machine's own `/tmp`.
 */
export class MailMachine {
  static async start(): Promise<MailMachine> {
    const network = await CuttableNetwork.start();
    const place = mkdtempSync(join(tmpdir(), "mail-sni-machine-"));
    const [program = "", ...args] = [...network.through, "unshare", "--mount", "sh", "-c", MAKE, "sh", place];
    const holder = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
    const made = await Promise.race([once(holder.stdout, "data"), once(holder, "exit")]);
    const machine = new MailMachine(holder, place, network);
    if (String(made[0]).trim() === "made") {
      machine.#ssh = await SshServer.start({
        network: { through: machine.#within, address: network.address },
      });
      return machine;
    }
    await machine.stop();
    throw new Error("the directories of a mail host could not be made");
  }

  #ssh: SshServer | undefined;
  #dovecot: ChildProcess | undefined;
  readonly #killOnExit = () => {
    if (this.#dovecot?.pid !== undefined) killGroup(this.#dovecot.pid);
    this.holder.kill("SIGKILL");
  };

  private constructor(
    private readonly holder: ChildProcess,
    private readonly place: string,
    private readonly network: CuttableNetwork,
  ) {
    process.once("exit", this.#killOnExit);
  }

  get ssh(): SshServer {
    if (this.#ssh === undefined) throw new Error("The host was not started.");
    return this.#ssh;
  }

  /** As it is reached from here. */
  get host(): string {
    return this.network.address;
  }

  /** Where a file of the host is for this process. No link on the way may be absolute. */
  path(path: string): string {
    return join(`/proc/${this.holder.pid}/root`, path);
  }

  write(path: string, text: string, mode = 0o644): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), text);
    chmodSync(this.path(path), mode);
  }

  /** @param target relative, or as the host would see it */
  link(path: string, target: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    symlinkSync(target, this.path(path));
  }

  /** Starts Debian's Dovecot with `/etc/dovecot/dovecot.conf`, in the foreground. @throws Error with what it said */
  async startDovecot(): Promise<void> {
    const [program = "", ...args] = [...this.#within, "dovecot", "-F"];
    const dovecot = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"], detached: true });
    this.#dovecot = dovecot;
    for (const deadline = Date.now() + START_DEADLINE_MS; !(await greets(this.host, 143)); await delay(20))
      if (dovecot.exitCode !== null || Date.now() > deadline)
        throw new Error(`Dovecot does not greet:\n${this.dovecotLog()}`);
  }

  /** What Dovecot has logged, if `log_path` is `/var/log/dovecot.log`. */
  dovecotLog(): string {
    return readFileSync(this.path(DOVECOT_LOG), "utf8");
  }

  async stop(): Promise<void> {
    process.off("exit", this.#killOnExit);
    const dovecot = this.#dovecot;
    if (dovecot?.pid !== undefined && dovecot.exitCode === null && dovecot.signalCode === null) {
      const ended = once(dovecot, "exit");
      killGroup(dovecot.pid);
      await ended;
    }
    await this.#ssh?.stop();
    if (this.holder.exitCode === null && this.holder.signalCode === null) {
      const ended = once(this.holder, "exit");
      this.holder.kill("SIGKILL");
      await ended;
    }
    await this.network.stop();
    rmSync(this.place, { recursive: true, force: true });
  }

  get #within(): string[] {
    return ["nsenter", "--target", String(this.holder.pid), "--mount", "--net"];
  }
}

/** The setting `log_path` that {@link MailMachine.dovecotLog} reads. */
export const DOVECOT_LOG = "/var/log/dovecot.log";

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}

function greets(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    const answer = (greeted: boolean) => {
      socket.destroy();
      resolve(greeted);
    };
    socket.once("data", () => answer(true)).once("error", () => answer(false));
    socket.once("close", () => answer(false));
  });
}
