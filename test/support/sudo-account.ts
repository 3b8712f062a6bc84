import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SshSettings } from "../../lib/shared/transport/ssh-settings";
import { SshServer } from "./ssh-server";

const USER = "deploy";
const UID = 47_110;

/**
 * An account without rights of its own that an OpenSSH server lets in, and Debian's sudo with a configuration of its own.
 * Both are there for that server alone: it sees other files in /etc than the machine.
 */
export class SudoAccount {
  /** @param sudoers lines of sudoers(5), with `deploy` as the account */
  static async start(sudoers: readonly string[]): Promise<SudoAccount> {
    const directory = mkdtempSync(join(tmpdir(), "mail-sni-sudo-"));
    chmodSync(directory, 0o755);
    const account = new SudoAccount(directory);
    const added: Readonly<Record<string, string>> = {
      passwd: `${USER}:x:${UID}:${UID}::/:/bin/sh\n`,
      shadow: `${USER}:*:19000:0:99999:7:::\n`,
      group: `${USER}:x:${UID}:\n`,
    };
    const binds = Object.entries(added).map(([name, line]) => {
      const text = readFileSync(`/etc/${name}`, "utf8");
      return account.#bind(name, `${text.replace(/\n?$/, "\n")}${line}`, name === "shadow" ? 0o640 : 0o644);
    });
    binds.push(account.#bind("sudoers", ["root ALL=(ALL:ALL) ALL", ...sudoers, ""].join("\n"), 0o440));
    const keys = join(directory, "authorized_keys");
    account.#server = await SshServer.start({
      config: [`AuthorizedKeysFile ${keys}`],
      network: {
        through: ["unshare", "--mount", "sh", "-ec", `${binds.join("\n")}\nexec "$@"`, "sh"],
        address: "127.0.0.1",
      },
    });
    writeFileSync(keys, readFileSync(`${account.#server.identityFile}.pub`, "utf8"), { mode: 0o644 });
    return account;
  }

  #server: SshServer | undefined;

  private constructor(private readonly directory: string) {
    mkdirSync(join(directory, "etc"));
  }

  settings(become: readonly string[] | null): SshSettings {
    const { port, settings } = this.#server as SshServer;
    return settings.call(this.#server, { address: `${USER}@127.0.0.1:${port}`, become });
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  #bind(name: string, text: string, mode: number): string {
    const path = join(this.directory, "etc", name);
    writeFileSync(path, text, { mode });
    chmodSync(path, mode);
    return `mount --bind '${path}' '/etc/${name}'`;
  }
}
