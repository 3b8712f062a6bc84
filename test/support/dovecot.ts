import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type IssuedCertificate, issue } from "./certificates";
import { lastLines, mustRun, runCommand } from "./commands";
import { type DovecotInstallation, type DovecotVersion, findDovecot } from "./dovecot-installation";
import { freePort } from "./ports";

export interface DovecotOptions {
  /** @default "2.3" */
  readonly version?: DovecotVersion;
  /** What `conf.d/10-ssl.conf` names; null for none at all. @default a self-signed one, `CN=global.test` */
  readonly globalCertificate?: IssuedCertificate | null;
  /**
   * More files, such as `conf.d/20-foreign.conf`, by their path in the configuration directory, which is told.
   *
   * @default none
   */
  readonly files?: (directory: string) => Readonly<Record<string, string>>;
}

/** Ports on 127.0.0.1. The odd ones in clear first, for STARTTLS and STLS. */
export interface DovecotPorts {
  readonly imap: number;
  readonly imaps: number;
  readonly pop3: number;
  readonly pop3s: number;
}

const START_DEADLINE_MS = 20_000;

/**
 * A real Dovecot on loopback, in directories of its own, with the main file and the `conf.d` of a Debian package:
 * whatever is put into `conf.d` is read in the order of the names.
 */
export class Dovecot {
  #process: ChildProcess | undefined;
  readonly #killOnExit = () => this.#signal("SIGKILL");

  private constructor(
    readonly version: DovecotVersion,
    /** The directory that all other paths are below, `/` where there is no chroot. */
    readonly root: string,
    /** As Dovecot sees it, without `root`, like all paths in its configuration. Holds `dovecot.conf` and `conf.d`. */
    readonly directory: string,
    readonly ports: DovecotPorts,
    /** What clients without SNI are shown; null where that was asked for. */
    readonly globalCertificate: IssuedCertificate | null,
  ) {}

  /** @throws Error with what Dovecot said, where it does not come up */
  static async start(options: DovecotOptions = {}): Promise<Dovecot> {
    const dovecot = await Dovecot.#prepare(options);
    await dovecot.restart();
    return dovecot;
  }

  static async #prepare({ version = "2.3", globalCertificate, files }: DovecotOptions): Promise<Dovecot> {
    const { root } = installation(version);
    const path = mkdtempSync(join(root, tmpdir(), "mail-sni-dovecot-"));
    // Its processes of lesser rights have to get to their sockets.
    chmodSync(path, 0o755);
    const imap = await freePort();
    const imaps = await freePort();
    const pop3 = await freePort();
    const pop3s = await freePort();
    const certificate =
      globalCertificate === undefined
        ? await issue({ subject: "CN=global.test", dnsNames: ["global.test"] })
        : globalCertificate;
    const directory = root === "/" ? path : path.slice(root.length);
    const dovecot = new Dovecot(version, root, directory, { imap, imaps, pop3, pop3s }, certificate);
    for (const [name, text] of Object.entries({ ...dovecot.#configuration(), ...files?.(directory) })) {
      dovecot.write(name, text);
    }
    return dovecot;
  }

  get configFile(): string {
    return join(this.directory, "dovecot.conf");
  }

  /** Where a file of the configuration directory is on this machine. */
  path(name: string): string {
    return join(this.root, this.directory, name);
  }

  /** Puts a file into the configuration directory. It counts after `reload`. */
  write(name: string, text: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  remove(name: string): void {
    rmSync(this.path(name), { force: true });
  }

  /**
   * A command about this Dovecot as an argument list, for a service definition too:
   * `command("doveconf", "-n")` is `doveconf -c FILE -n`, run in the chroot where there is one.
   */
  command(program: "doveconf" | "doveadm", ...args: readonly string[]): [string, ...string[]] {
    return this.#inRoot(program, "-c", this.configFile, ...args);
  }

  /**
   * Returns when Dovecot was told, which is before it has done so. A process that starts in between may present a new file already, and
   * the reload reads what the file has by its time: where a file is to be put back, use `restart`.
   */
  async reload(): Promise<void> {
    await mustRun(this.command("doveadm", "reload"));
  }

  async isRunning(): Promise<boolean> {
    return (await runCommand(this.command("doveadm", "service", "status"))).exitCode === 0;
  }

  /**
   * Starts it again, as after an upgrade or a crash: everything is read again.
   *
   * @param protocols those that its files have
   */
  async restart(protocols: readonly ("imap" | "pop3")[] = ["imap", "pop3"]): Promise<void> {
    await this.halt();
    const said = openSync(this.path("stderr.log"), "w");
    const [program, ...args] = this.#inRoot("dovecot", "-F", "-c", this.configFile);
    // A process group of its own, so that it can be ended with all its children.
    const child = spawn(program, args, { stdio: ["ignore", "ignore", said], detached: true });
    closeSync(said);
    this.#process = child;
    process.once("exit", this.#killOnExit);
    const failed = once(child, "exit").then(() => {
      throw new Error(`Dovecot ${this.version} ended at its start:\n${this.log()}`);
    });
    failed.catch(() => {});
    await Promise.race([this.#listening(protocols), failed]);
  }

  /** Ends it and leaves its files. At once, as a service manager kills what does not end by itself. */
  async halt(): Promise<void> {
    const child = this.#process;
    if (child && child.exitCode === null && child.signalCode === null) {
      const exited = once(child, "exit");
      this.#signal("SIGKILL");
      await exited;
      await groupEnded(child.pid as number);
    }
    this.#process = undefined;
    process.off("exit", this.#killOnExit);
  }

  /** Ends it and removes everything of it. */
  async stop(): Promise<void> {
    await this.halt();
    rmSync(join(this.root, this.directory), { recursive: true, force: true });
  }

  /** The last lines of what it logged and of what it said at the start. */
  log(): string {
    const texts = ["stderr.log", "dovecot.log"].map((name) => this.path(name)).filter(existsSync);
    return texts.map((path) => lastLines(readFileSync(path, "utf8"))).join("\n");
  }

  #signal(signal: NodeJS.Signals): void {
    const pid = this.#process?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // It has ended meanwhile.
    }
  }

  async #listening(protocols: readonly ("imap" | "pop3")[]): Promise<void> {
    const deadline = Date.now() + START_DEADLINE_MS;
    // A greeting, since it accepts connections before it has read its certificates.
    for (const port of protocols.map((protocol) => this.ports[protocol])) {
      while (!(await greets(port))) {
        if (Date.now() > deadline) throw new Error(`Dovecot ${this.version} does not greet:\n${this.log()}`);
        await delay(20);
      }
    }
  }

  #inRoot(program: string, ...args: readonly string[]): [string, ...string[]] {
    return this.root === "/" ? [program, ...args] : ["chroot", this.root, program, ...args];
  }

  #configuration(): Record<string, string> {
    const { version, globalCertificate } = this;
    const base = {
      "dovecot.conf": MAIN_FILE[version](this.directory),
      "conf.d/10-master.conf": listeners(this.ports),
      "conf.d/10-ssl.conf": "ssl = yes\n",
    };
    if (globalCertificate === null) return base;
    const [certificate, key] = ["private/dovecot.pem", "private/dovecot.key"];
    return {
      ...base,
      [certificate]: globalCertificate.pem,
      [key]: globalCertificate.keyPem,
      "conf.d/10-ssl.conf": `ssl = yes\n${certificateLines(version, join(this.directory, certificate), join(this.directory, key))}`,
    };
  }
}

/** The lines that name a certificate, inside a `local_name` block or outside of any. */
export function certificateLines(version: DovecotVersion, certificate: string, key = certificate): string {
  return version === "2.3"
    ? `ssl_cert = <${certificate}\nssl_key = <${key}\n`
    : `ssl_server_cert_file = ${certificate}\nssl_server_key_file = ${key}\n`;
}

function installation(version: DovecotVersion): DovecotInstallation {
  const found = findDovecot(version);
  if (!found) throw new Error(`there is no Dovecot ${version} on this machine`);
  return found;
}

/** Its children end a moment later, and until then a new master finds their sockets in use. */
async function groupEnded(group: number): Promise<void> {
  for (let attempts = 0; attempts < 500 && isThere(-group); attempts += 1) await delay(10);
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    const answer = (greeted: boolean) => {
      socket.destroy();
      resolve(greeted);
    };
    socket.once("data", () => answer(true)).once("error", () => answer(false));
    socket.once("close", () => answer(false));
  });
}

const MAIN_FILE: Readonly<Record<DovecotVersion, (directory: string) => string>> = {
  "2.3": (directory) => `${common(directory)}
mail_location = maildir:${directory}/mail/%u
passdb {
  driver = static
  args = nopassword=y
}
!include conf.d/*.conf
`,
  "2.4": (directory) => `dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
${common(directory)}
mail_driver = maildir
mail_path = ${directory}/mail/%{user}
passdb static {
  fields {
    nopassword = yes
  }
}
!include conf.d/*.conf
`,
};

const common = (directory: string) => `base_dir = ${directory}/run
state_dir = ${directory}/state
instance_name = ${directory.replaceAll("/", "-").slice(1)}
log_path = ${directory}/dovecot.log
protocols = imap pop3
listen = 127.0.0.1`;

const listeners = ({ imap, imaps, pop3, pop3s }: DovecotPorts) => `service imap-login {
  inet_listener imap {
    port = ${imap}
  }
  inet_listener imaps {
    port = ${imaps}
    ssl = yes
  }
}
service pop3-login {
  inet_listener pop3 {
    port = ${pop3}
  }
  inet_listener pop3s {
    port = ${pop3s}
    ssl = yes
  }
}
`;
