import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { argumentsOf, descendantsOf, killAll } from "./processes";
import { SshServer, type SshServerOptions } from "./ssh-server";
import { StandInServer } from "./stand-in-server";

/** Where programs of a Debian are, behind those that stand before them. */
const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** A mail host with the stand-in for a mail server, behind an OpenSSH server of its own. */
export class SshStandIn {
  static async start(options: SshServerOptions = {}): Promise<SshStandIn> {
    const directory = mkdtempSync(join(tmpdir(), "mail-sni-far-"));
    const programs = join(directory, "bin");
    mkdirSync(programs);
    const environment = { PATH: `${programs}:${SYSTEM_PATH}` };
    return new SshStandIn(directory, programs, await SshServer.start({ ...options, environment }));
  }

  readonly server: StandInServer;

  private constructor(
    readonly directory: string,
    private readonly programs: string,
    readonly ssh: SshServer,
  ) {
    this.server = new StandInServer(directory);
  }

  /** The host as the provider's `hosts` has it. */
  get host() {
    return { ...this.server.host, ...this.reach };
  }

  /** How it is reached, without anything of this user's own configuration. */
  get reach() {
    const { address, identityFile, hostKey } = this.ssh;
    return {
      address,
      ssh_config_file: this.ssh.file("ssh_config", ""),
      identity_file: identityFile,
      host_keys: [hostKey],
    };
  }

  /** Stands before a program of the far side, and does something first, in the words of a shell. */
  before(program: string, script: string): void {
    writeFileSync(
      join(this.programs, program),
      `#!/bin/sh\nPATH=${SYSTEM_PATH}\n${script}\nexec ${program} "$@"\n`,
      { mode: 0o755 },
    );
  }

  /** What is found as `sh` from now on, until programs do what they always do. */
  shell(program: string): void {
    symlinkSync(program, join(this.programs, "sh"));
  }

  /** From now on programs do what they always do. */
  behave(): void {
    this.server.behave();
    rmSync(this.programs, { recursive: true });
    mkdirSync(this.programs);
    rmSync(this.#path("held"), { recursive: true, force: true });
    this.release();
  }

  /** In the words of a shell: waits, once, until it is released. */
  get hold(): string {
    const [held, waiting] = [this.#path("held"), this.#path("waiting")];
    return `if mkdir ${held} 2>/dev/null; then : >${waiting}; while [ -e ${waiting} ]; do sleep 0.02; done; fi`;
  }

  /** Resolves when something waits. */
  async holding(): Promise<void> {
    while (!existsSync(this.#path("waiting"))) await delay(10);
  }

  release(): void {
    rmSync(this.#path("waiting"), { force: true });
  }

  /** The shells that run here for a provider. */
  get shells(): readonly number[] {
    const pids = this.ssh.connections.flatMap((pid) => descendantsOf(pid));
    return pids.filter((pid) => argumentsOf(pid).join(" ") === "sh -s");
  }

  killShells(): void {
    killAll(this.shells);
  }

  /** Resolves when no connection is left. */
  async left(): Promise<void> {
    while (this.ssh.connections.length > 0) await delay(20);
  }

  async stop(): Promise<void> {
    this.release();
    await this.ssh.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  #path(name: string): string {
    return join(this.directory, name);
  }
}
