import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Dovecot } from "../test/support/dovecot";
import { SshServer } from "../test/support/ssh-server";

/** A host as a program of `bench/apps` declares it. */
export interface SshBenchHost {
  readonly address: string;
  readonly identityFile: string;
  readonly sshConfigFile: string;
  readonly hostKeys: string[];
  readonly stateDirectory: string;
  /** qmail's home. */
  readonly qmail: string;
  readonly dovecot: { readonly directory: string; readonly configFile: string; readonly imaps: number };
}

/** A real OpenSSH server and a real Dovecot behind it, and a home for qmail. */
export class SshBench {
  static async start(): Promise<SshBench> {
    return new SshBench(await SshServer.start(), await Dovecot.start({ version: "2.3" }));
  }

  readonly #qmail = mkdtempSync(join(tmpdir(), "mail-sni-qmail-"));

  private constructor(
    readonly ssh: SshServer,
    readonly dovecot: Dovecot,
  ) {
    this.clear();
  }

  get host(): SshBenchHost {
    const { directory, configFile, ports } = this.dovecot;
    return {
      address: this.ssh.address,
      identityFile: this.ssh.identityFile,
      sshConfigFile: this.ssh.file("ssh_config", ""),
      hostKeys: [this.ssh.hostKey],
      stateDirectory: join(this.#qmail, "ledger"),
      qmail: this.#qmail,
      dovecot: { directory, configFile, imaps: ports.imaps },
    };
  }

  /** The directories of the host that hold what is deployed. */
  get contents(): readonly string[] {
    return [join(this.#qmail, "control"), this.dovecot.path("mail-sni")];
  }

  /** How often Dovecot was told so far. */
  get reloads(): number {
    return readFileSync(this.dovecot.path("dovecot.log"), "utf8").split("SIGHUP received").length - 1;
  }

  /** As before the first deploy. */
  clear(): void {
    for (const name of ["control", "ledger"])
      rmSync(join(this.#qmail, name), { recursive: true, force: true });
    mkdirSync(join(this.#qmail, "control"), { recursive: true });
    rmSync(this.dovecot.path("mail-sni"), { recursive: true, force: true });
    for (const name of ["05-mail-sni.conf", "99-mail-sni-default.conf"]) {
      rmSync(this.dovecot.path(`conf.d/${name}`), { force: true });
    }
  }

  async stop(): Promise<void> {
    await this.ssh.stop();
    await this.dovecot.stop();
    rmSync(this.#qmail, { recursive: true, force: true });
  }
}
