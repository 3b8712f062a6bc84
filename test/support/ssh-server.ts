import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { SshSettings } from "../../lib/shared/transport/ssh-settings";
import { findCommand } from "./commands";
import { freePort } from "./ports";
import { childrenOf, killAll } from "./processes";

export interface SshServerOptions {
  /** Lines of sshd_config(5) that go before all others. */
  readonly config?: readonly string[];
  /** What commands there have in their environment, besides a home without a shell's start-up files. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What stands before the key in authorized_keys, such as `restrict`. */
  readonly keyOptions?: string;
  /** What it is started through, and where it is reached then. @default here, on 127.0.0.1 */
  readonly network?: { readonly through: readonly string[]; readonly address: string };
}

const LOG = "log";
const HERE = { through: [], address: "127.0.0.1" };

/**
 * An OpenSSH server, on 127.0.0.1 unless it is elsewhere, with keys and configuration of its own, which lets this user in, and
 * into a home of its own: what the user's shell does at its start may take seconds, and wait for what a test has killed.
 */
export class SshServer {
  static async start(options: SshServerOptions = {}): Promise<SshServer> {
    const port = await freePort();
    const directory = mkdtempSync(join(tmpdir(), "mail-sni-sshd-"));
    const { network = HERE } = options;
    const server = new SshServer(directory, network, port as number, options);
    await server.restart();
    return server;
  }

  /** The private key that it lets in. */
  readonly identityFile: string;
  readonly user = execFileSync("id", ["-un"], { encoding: "utf8" }).trim();
  #process: ChildProcess | undefined;

  private constructor(
    readonly directory: string,
    private readonly network: NonNullable<SshServerOptions["network"]>,
    readonly port: number,
    { config = [], environment = {}, keyOptions = "" }: SshServerOptions,
  ) {
    const home = join(directory, "home");
    mkdirSync(home);
    const variables = Object.entries({ HOME: home, ...environment }).map(
      ([name, value]) => `${name}=${value}`,
    );
    this.identityFile = makeKey(join(directory, "id"));
    makeKey(this.#hostKeyFile);
    writeFileSync(
      join(directory, "authorized_keys"),
      `${keyOptions} ${readFileSync(`${this.identityFile}.pub`, "utf8")}`,
    );
    const lines = [
      ...config,
      `SetEnv ${variables.join(" ")}`,
      `Port ${port}`,
      `ListenAddress ${network.address}`,
      `HostKey ${this.#hostKeyFile}`,
      `AuthorizedKeysFile ${join(directory, "authorized_keys")}`,
      "PidFile none",
      "StrictModes no",
      "UsePAM no",
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
    ];
    writeFileSync(this.#configFile, `${lines.join("\n")}\n`);
  }

  get address(): string {
    return `${this.user}@${this.network.address}:${this.port}`;
  }

  /** The public one, type and key. */
  get hostKey(): string {
    return readFileSync(`${this.#hostKeyFile}.pub`, "utf8").split(" ").slice(0, 2).join(" ");
  }

  /** As ssh shows it: `ssh-ed25519 SHA256:…`. */
  get fingerprint(): string {
    const [, hash] = execFileSync("ssh-keygen", ["-lf", `${this.#hostKeyFile}.pub`], {
      encoding: "utf8",
    }).split(" ");
    return `${this.hostKey.split(" ")[0]} ${hash}`;
  }

  /** Reaches it without anything of this user's own configuration. */
  settings(overrides: Partial<SshSettings> = {}): SshSettings {
    return {
      address: this.address,
      configFile: this.file("ssh_config", ""),
      identityFile: this.identityFile,
      knownHostsFile: null,
      hostKeys: [this.hostKey],
      proxyJump: null,
      become: null,
      ...overrides,
    };
  }

  /** A file beside those of the server. */
  file(name: string, contents: string, mode = 0o600): string {
    const path = join(this.directory, name);
    writeFileSync(path, contents, { mode });
    return path;
  }

  /** The server gets another host key at its next start. */
  changeHostKey(): void {
    for (const suffix of ["", ".pub"]) rmSync(this.#hostKeyFile + suffix);
    makeKey(this.#hostKeyFile);
  }

  async restart(): Promise<void> {
    await this.kill();
    mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
    const log = this.file(LOG, "");
    const sshd = [findCommand("sshd") ?? "sshd", "-D", "-f", this.#configFile, "-E", log];
    const [program, ...args] = [...this.network.through, ...sshd] as [string, ...string[]];
    this.#process = spawn(program, args, { stdio: "ignore" });
    while (!this.log.includes("Server listening")) {
      if (this.#process.exitCode !== null) throw new Error(`sshd has ended:\n${this.log}`);
      await delay(10);
    }
  }

  /** What it has logged since its last start. */
  get log(): string {
    return readFileSync(join(this.directory, LOG), "utf8");
  }

  /** Pids of the connections that are open. */
  get connections(): readonly number[] {
    const pid = this.#process?.pid;
    if (pid === undefined || this.#process?.exitCode !== null) return [];
    return childrenOf(pid);
  }

  /** Pids of the server and of all that it has started. */
  get pids(): readonly number[] {
    const { pid } = this.#process ?? {};
    return pid === undefined
      ? []
      : [pid, ...this.connections.flatMap((child) => [child, ...childrenOf(child)])];
  }

  /** Ends it at once, together with what is connected. */
  async kill(): Promise<void> {
    const server = this.#process;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, "exit");
    killAll(this.pids);
    await ended;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }

  get #configFile(): string {
    return join(this.directory, "sshd_config");
  }

  get #hostKeyFile(): string {
    return join(this.directory, "ssh_host_ed25519_key");
  }
}

function makeKey(path: string): string {
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path]);
  return path;
}
