import { X509Certificate } from "node:crypto";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fingerprintOf } from "../../../lib/shared/certificate-facts";
import { about, type Imported, imported } from "../../cli/import/support/imported";
import type { Engine } from "../../support/engine";
import { DOVECOT_LOG, MailMachine } from "../../support/mail-machine";
import { Pebble } from "../../support/pebble";
import type { ClientSetting, ClientTree, TreeCertificate, TreeFiles } from "./client-trees";
import { type Polled, polled, presentedTo } from "./polled";
import { PrintedProject } from "./printed-project";

const ORDERS = "POST /order-plz";
const RELOAD = /SIGHUP received - reloading configuration/g;

export const namesOf = (domain: string): string[] => [domain, `imap.${domain}`, `smtp.${domain}`];

/** A block of Dovecot that is there before the first deploy. */
export interface Block {
  readonly names: readonly string[];
  readonly certificate: string;
  readonly key: string;
}

/** A host with the files of a client of a CA and Debian's Dovecot, Pebble as that CA, and a project that takes the host over. */
export class ClientHost {
  static async start(tree: ClientTree, engine: Engine): Promise<ClientHost> {
    const pebble = await Pebble.start({ badNonces: 0 });
    const machine = await MailMachine.start();
    const ca = join(machine.ssh.directory, "ca.pem");
    writeFileSync(ca, pebble.directoryCaPem);
    const project = await PrintedProject.create(engine, { NODE_EXTRA_CA_CERTS: ca });
    return new ClientHost(tree, pebble, machine, project);
  }

  readonly #setting: ClientSetting;

  private constructor(
    readonly tree: ClientTree,
    readonly pebble: Pebble,
    readonly machine: MailMachine,
    readonly project: PrintedProject,
  ) {
    this.#setting = {
      directoryUrl: pebble.directoryUrl,
      accountKey: tree.accountKey(),
      webroot: pebble.web.directory,
    };
  }

  get accountKey(): string {
    return this.#setting.accountKey;
  }

  /** Writes what the client has left. */
  writeTree(certificates: readonly Omit<TreeCertificate, "number">[]): void {
    const files = this.#files;
    this.tree.begin(files, this.#setting);
    for (const [number, certificate] of certificates.entries())
      this.tree.add(files, { ...certificate, number }, this.#setting);
  }

  /** Debian's configuration, with more files; the first block's certificate is the default. */
  async startDovecot(blocks: readonly Block[]): Promise<void> {
    const settings = ({ certificate, key }: Block) => `ssl_cert = <${certificate}\nssl_key = <${key}\n`;
    const texts = blocks.map((block) => `local_name "${block.names.join(" ")}" {\n${settings(block)}}\n`);
    const [first] = blocks;
    const conf = (name: string, text: string) => this.machine.write(`/etc/dovecot/conf.d/${name}.conf`, text);
    conf("10-logging", `log_path = ${DOVECOT_LOG}\n`);
    conf("10-ssl", `ssl = yes\n${first === undefined ? "" : settings(first)}`);
    conf("20-sni", texts.join(""));
    await this.machine.startDovecot();
  }

  /** Runs `mail-sni import` from here, by ssh. */
  import(...more: readonly string[]): Promise<Imported> {
    const { ssh } = this.machine;
    return imported([
      ssh.address,
      ...["--ssh-config", ssh.file("ssh_config", "")],
      ...["--identity", ssh.identityFile],
      ...["--host-key", ssh.hostKey],
      ...["--no-dns", ...more],
    ]);
  }

  /** The printed program, after what `ca-unknown` says is done. */
  decided(stack: Imported): string {
    const { directoryUrl } = this.pebble;
    if (about(stack, "ca-unknown", "").length === 0) return stack.stack;
    return stack.stack.replace(new URL("/directory", directoryUrl).href, directoryUrl);
  }

  /** A program that can order: with the webroot, which lego's files do not have, and the DNS server that knows the names. */
  ordering(program: string): string {
    const { dnsServer, web } = this.pebble;
    const options = `{ dnsServers: [${JSON.stringify(dnsServer)}] }`;
    const challenge = `Challenge.httpWebroot(${JSON.stringify(web.directory)}, ${options})`;
    return program.replace(/Challenge\.httpWebroot\("[^"]+"\)/, challenge);
  }

  /** Has every user of the host able to read the client's key. */
  open(title: string): void {
    const key = this.tree.keyOf(title);
    chmodSync(this.machine.path(key), 0o644);
    for (let above = dirname(key); above !== "/"; above = dirname(above))
      chmodSync(this.machine.path(above), 0o755);
    for (const path of this.tree.closed) chmodSync(this.machine.path(path), 0o755);
  }

  loseKey(title: string): void {
    rmSync(this.machine.path(this.tree.keyOf(title)));
  }

  get orders(): number {
    return this.pebble.requests.get(ORDERS) ?? 0;
  }

  /** How often Dovecot has read its configuration again. */
  get reloads(): number {
    return [...this.machine.dovecotLog().matchAll(RELOAD)].length;
  }

  /** The certificate that Dovecot presents for a name. */
  async presented(
    name: string,
  ): Promise<{ readonly fingerprint: string; readonly names: readonly string[] }> {
    const { leaf } = await presentedTo(name, this.#endpoint);
    return { fingerprint: leaf.fingerprintSha256, names: leaf.dnsNames };
  }

  polled<T>(expected: ReadonlyMap<string, string>, work: () => Promise<T>): Promise<Polled<T>> {
    return polled(this.#endpoint, expected, work);
  }

  async stop(): Promise<void> {
    this.project.remove();
    await this.machine.stop();
    await this.pebble.stop();
  }

  get #endpoint() {
    return { host: this.machine.host, port: 993 };
  }

  get #files(): TreeFiles {
    return {
      write: (path, contents, mode) => this.machine.write(path, contents, mode),
      link: (path, target) => this.machine.link(path, target),
      directory: (path, mode) => {
        mkdirSync(this.machine.path(path), { recursive: true });
        chmodSync(this.machine.path(path), mode);
      },
    };
  }
}

export function fingerprintIn(pem: string): string {
  return fingerprintOf(new X509Certificate(pem));
}
