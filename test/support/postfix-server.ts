import { join } from "node:path";
import type { SniTableEndpoint } from "../../lib/shared/sni-table/document";
import { ChrootDaemon } from "./chroot-daemon";
import { mustRun } from "./commands";
import { freePort } from "./ports";
import { POSTFIX_ROOT } from "./smtp-roots";

/**
 * Debian's Postfix, with ports as 25, 587 and 465 are: `smtpd_tls_chain_files` for clients without a name, and
 * `tls_server_sni_maps` for the others.
 */
export class PostfixServer {
  static async start(): Promise<PostfixServer> {
    const root = POSTFIX_ROOT.find();
    if (root === null) throw new Error("there is no Postfix on this machine");
    return new PostfixServer(new ChrootDaemon(root, "postfix"), [
      { port: await freePort(), protocol: "smtp", sni: true },
      { port: await freePort(), protocol: "smtp", sni: true },
      { port: await freePort(), protocol: "tls", sni: true },
    ]);
  }

  #isStarted = false;

  private constructor(
    private readonly daemon: ChrootDaemon,
    readonly endpoints: readonly SniTableEndpoint[],
  ) {}

  put(byDefault: string, byName: Readonly<Record<string, string>>): void {
    this.daemon.write("default.pem", byDefault);
    for (const [name, pem] of Object.entries(byName)) this.daemon.write(`certs/${name}.pem`, pem);
    const map = Object.keys(byName).map((name) => `${name} ${this.#inside(`certs/${name}.pem`)}\n`);
    this.daemon.write("sni", map.join(""));
  }

  /** The map has copies of the certificates and keys. */
  async reload(): Promise<void> {
    if (!this.#isStarted) {
      this.#configure();
      await mustRun(this.daemon.command("chown", "-R", "postfix:", this.#inside("data")));
    }
    await mustRun(this.daemon.command("postmap", "-c", this.#inside("etc"), "-F", this.#map));
    if (this.#isStarted) {
      await mustRun(this.daemon.command("postfix", "-c", this.#inside("etc"), "reload"));
      return;
    }
    this.#isStarted = true;
    const [first] = this.endpoints;
    await this.daemon.start(["postfix", "-c", this.#inside("etc"), "start-fg"], first?.port as number);
  }

  async stop(): Promise<void> {
    if (this.#isStarted) {
      // What master has started is in sessions of its own.
      await mustRun(this.daemon.command("postfix", "-c", this.#inside("etc"), "stop")).catch(() => {});
    }
    await this.daemon.stop();
  }

  get #map(): string {
    return `hash:${this.#inside("sni")}`;
  }

  #inside(name: string): string {
    return join(this.daemon.directory, name);
  }

  #configure(): void {
    const [smtp, submission, submissions] = this.endpoints.map(({ port }) => `127.0.0.1:${port}`);
    for (const empty of ["queue/.keep", "data/.keep"]) this.daemon.write(empty, "");
    this.daemon.write(
      "etc/main.cf",
      `compatibility_level = 3.6
myhostname = mx1.test
mydestination =
local_recipient_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
queue_directory = ${this.#inside("queue")}
data_directory = ${this.#inside("data")}
maillog_file = ${this.#inside("said.log")}
maillog_file_prefixes = ${this.daemon.directory}
smtpd_client_connection_rate_limit = 0
smtpd_tls_security_level = may
smtpd_tls_chain_files = ${this.#inside("default.pem")}
tls_server_sni_maps = ${this.#map}
`,
    );
    this.daemon.write(
      "etc/master.cf",
      `${smtp} inet n - n - - smtpd
${submission} inet n - n - - smtpd
${submissions} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`,
    );
  }
}
