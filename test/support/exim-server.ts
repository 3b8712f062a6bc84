import { join } from "node:path";
import type { SniTableEndpoint } from "../../lib/shared/sni-table/document";
import { ChrootDaemon } from "./chroot-daemon";
import { mustRun } from "./commands";
import { freePort } from "./ports";
import { EXIM_ROOT } from "./smtp-roots";

/**
 * Debian's Exim, with ports as 25, 587 and 465 are. `tls_certificate` is expanded with `$tls_in_sni` in each handshake: it looks
 * for a file of that name.
 */
export class EximServer {
  static async start(): Promise<EximServer> {
    const root = EXIM_ROOT.find();
    if (root === null) throw new Error("there is no Exim on this machine");
    return new EximServer(new ChrootDaemon(root, "exim"), [
      { port: await freePort(), protocol: "smtp", sni: true },
      { port: await freePort(), protocol: "smtp", sni: true },
      { port: await freePort(), protocol: "tls", sni: true },
    ]);
  }

  #isStarted = false;
  #release = 0;

  private constructor(
    private readonly daemon: ChrootDaemon,
    readonly endpoints: readonly SniTableEndpoint[],
  ) {}

  /** In a directory of its own each time, which the configuration names: that is read at a start and a reload alone. */
  put(byDefault: string, byName: Readonly<Record<string, string>>): void {
    this.#release += 1;
    const directory = `certs-${this.#release}`;
    this.daemon.write(`${directory}/default.pem`, byDefault);
    for (const [name, pem] of Object.entries(byName)) this.daemon.write(`${directory}/${name}.pem`, pem);
    this.#configure(this.#inside(directory));
  }

  async reload(): Promise<void> {
    if (this.#isStarted) {
      this.daemon.signal("SIGHUP");
      return;
    }
    this.#isStarted = true;
    this.daemon.write("spool/input/.keep", "");
    const own = ["chown", "-R", "Debian-exim:Debian-exim", this.#inside("spool")];
    await mustRun(this.daemon.command(...own));
    const [first] = this.endpoints;
    await this.daemon.start(["exim4", "-C", this.#inside("exim.conf"), "-bdf"], first?.port as number);
  }

  stop(): Promise<void> {
    return this.daemon.stop();
  }

  #inside(name: string): string {
    return join(this.daemon.directory, name);
  }

  #configure(certificates: string): void {
    const [smtp, submission, submissions] = this.endpoints.map(({ port }) => port);
    // What a client sends is tainted: what a lookup has found is not.
    const file = `\${lookup {\${lc:$tls_in_sni}.pem} dsearch,ret=full {${certificates}} {$value} {${certificates}/default.pem}}`;
    this.daemon.write(
      "exim.conf",
      // After a reload a child may hold a port for a moment: by default Exim tries again in half a minute.
      `primary_hostname = mx1.test
daemon_smtp_ports = ${smtp} : ${submission} : ${submissions}
tls_on_connect_ports = ${submissions}
local_interfaces = 127.0.0.1
spool_directory = ${this.#inside("spool")}
log_file_path = ${this.#inside("spool")}/%slog
pid_file_path = ${this.#inside("spool")}/exim.pid
host_lookup =
rfc1413_query_timeout = 0s
daemon_startup_sleep = 1s
tls_advertise_hosts = *
tls_certificate = ${file}
tls_privatekey = ${file}

begin acl
begin routers
begin transports
`,
    );
  }
}
