import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TerraformStack } from "cdktf";
import {
  type IMailService,
  type MailHost,
  MailProtocol,
  Qmail,
  type QmailOptions,
  type ServiceEndpoint,
} from "../../../lib";
import { root } from "../../support/machine";
import { type QmailProcess, spawnQmail } from "../../support/qmail/spawn";
import { locally, type Reach, type Reached } from "./reach";

const asRoot = root.missing === null;
/** Of vpopmail and its group vchkpw on many systems. Any other than that of the tests will do. */
const VPOPMAIL = 89;
const own = { uid: String(process.getuid?.()), gid: String(process.getgid?.()) };

/**
 * A qmail home, with servers in front of it as on ports 25, 587 and, with `SMTPS=1`, 465. Where the tests are root's,
 * they run as another user: what they cannot read counts as broken.
 */
export class QmailHost {
  static async start(reach: Reach = locally): Promise<QmailHost> {
    const directory = mkdtempSync(join(tmpdir(), "mail-sni-qmail-"));
    chmodSync(directory, 0o755);
    const home = join(directory, "qmail");
    mkdirSync(join(home, "control"), { recursive: true });
    const owner = asRoot ? { uid: VPOPMAIL, gid: VPOPMAIL } : undefined;
    const servers = await Promise.all([
      spawnQmail({ directory: home, owner }),
      spawnQmail({ directory: home, owner }),
      spawnQmail({ directory: home, owner, mode: "smtps" }),
    ]);
    return new QmailHost(directory, home, servers, await reach.start());
  }

  private constructor(
    private readonly directory: string,
    private readonly home: string,
    private readonly servers: readonly QmailProcess[],
    private readonly reached: Reached,
  ) {}

  /** The host as a stack declares it. */
  readonly declare = (stack: TerraformStack, service = this.service): MailHost =>
    this.declareWith(stack, [service]);

  /** The host with other services too. */
  declareWith(stack: TerraformStack, services: IMailService[]): MailHost {
    return this.reached.declare(stack, { stateDirectory: this.#stateDirectory, services });
  }

  /** The file in which the provider has noted what belongs to whom. */
  get ledger(): string {
    return join(this.#stateDirectory, "ledger");
  }

  /** Where something of qmail's is, such as `control`. */
  path(...names: readonly string[]): string {
    return join(this.home, ...names);
  }

  get service(): Qmail {
    return this.serviceWith({});
  }

  /** @param options in place of those that this host's servers have */
  serviceWith(options: QmailOptions): Qmail {
    return Qmail.standard({
      directory: this.home,
      owner: asRoot ? "root" : own.uid,
      group: asRoot ? String(VPOPMAIL) : own.gid,
      endpoints: this.servers.map(({ port }, index): ServiceEndpoint => {
        return { port, protocol: index < 2 ? MailProtocol.SMTP : MailProtocol.TLS };
      }),
      ...options,
    });
  }

  get #stateDirectory(): string {
    return join(this.directory, "ledger");
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()));
    await this.reached.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
