import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { presentedCertificate } from "../../../lib/shared/tls/handshake";
import type { Protocol } from "../../../lib/shared/tls/protocols";
import { RenewalHost, type Row } from "../../on-host/renewal/support/renewal-host";
import { DEHYDRATED } from "../../support/dehydrated";
import { Dovecot } from "../../support/dovecot";
import { Pebble } from "../../support/pebble";
import { type QmailProcess, spawnQmail } from "../../support/qmail/spawn";

/** Of vpopmail and its group on many systems. Any other than root will do. */
const VPOPMAIL = 89;

/**
 * A mail host with a real dehydrated that orders from a Pebble, a real Dovecot 2.3 and the qmail stand-in, which reads its files as
 * another user than root.
 */
export class DehydratedHost extends RenewalHost {
  static async start(): Promise<DehydratedHost> {
    // dehydrated 0.7.0 does not try again with another nonce.
    const pebble = await Pebble.start({ badNonces: 0 });
    const dovecot = await Dovecot.start();
    const host = new DehydratedHost(pebble, dovecot);
    for (const directory of [host.temporary, host.root]) chmodSync(directory, 0o755);
    mkdirSync(join(host.qmailHome, "control"), { recursive: true });
    host.#qmail = await spawnQmail({ directory: host.qmailHome, owner: { uid: VPOPMAIL, gid: VPOPMAIL } });
    host.#declareServices();
    return host;
  }

  #qmail: QmailProcess | undefined;
  /** Lines for dehydrated's configuration. */
  options: string[] = ["CHALLENGETYPE=http-01"];

  private constructor(
    readonly pebble: Pebble,
    readonly dovecot: Dovecot,
  ) {
    super();
  }

  get qmailHome(): string {
    return join(this.root, "qmail");
  }

  get qmail(): QmailProcess {
    if (!this.#qmail) throw new Error("qmail was not started.");
    return this.#qmail;
  }

  async stop(): Promise<void> {
    await Promise.all([this.pebble.stop(), this.dovecot.stop(), this.qmail.stop()]);
    this.remove();
  }

  #declareServices(): void {
    const { dovecot, directory } = this;
    this.write(
      join(dovecot.directory, "conf.d/05-mail-sni.conf"),
      `!include_try ${dovecot.directory}/mail-sni/*.conf\n`,
    );
    writeFileSync(join(directory, "ca.pem"), this.pebble.directoryCaPem);
    const command = (kind: string, ...words: readonly string[]) => [kind, "dovecot", ...words].join("\t");
    const doveconf = dovecot.command("doveconf");
    this.services = [
      "service\tqmail",
      `endpoint\tqmail\t${this.qmail.port}\tsmtp\t-`,
      "service\tdovecot",
      command("config", dovecot.configFile, "first", "!include {path}", "-"),
      command("check", "doveconf", "-x", "-n", "-c", "{candidate}"),
      command("activate", ...dovecot.command("doveadm", "reload")),
      command("running", ...dovecot.command("doveadm", "service", "status")),
      command("chosen", ...doveconf, "-f", "service=imap", "-f", "lname={name}", "-h", "ssl_cert"),
      `endpoint\tdovecot\t${dovecot.ports.imaps}\ttls\t127.0.0.1`,
      `endpoint\tdovecot\t${dovecot.ports.imap}\timap\t127.0.0.1`,
    ];
  }

  /** Declares rows as the constructs would: the table, `domains.txt`, dehydrated's configuration. */
  override declare(...rows: readonly Row[]): void {
    const tokens = join(this.pebble.web.directory, ".well-known/acme-challenge");
    mkdirSync(tokens, { recursive: true });
    if (this.options.includes("CHALLENGETYPE=http-01")) this.webroot = tokens;
    super.declare(...rows);
    const lines = rows.map(({ names, alias = names[0] }) => `${names.join(" ")} > ${alias}\n`);
    this.write(join(this.directory, "domains.txt"), lines.join(""));
    this.write(
      join(this.directory, "config"),
      [
        `CA="${this.pebble.directoryUrl}"`,
        `BASEDIR="${this.work}"`,
        `DOMAINS_TXT="${this.directory}/domains.txt"`,
        `HOOK="${this.program}"`,
        `WELLKNOWN="${this.work}/tokens"`,
        `CURL_OPTS="--cacert ${this.directory}/ca.pem"`,
        "KEY_ALGO=prime256v1",
        "CONTACT_EMAIL=",
        ...this.options,
        "",
      ].join("\n"),
    );
  }

  protected override records({ names, alias = names[0] }: Row, isDefault: boolean): string[] {
    const control = join(this.qmailHome, "control");
    const sni = join(this.dovecot.directory, "mail-sni");
    const pem = (service: string, path: string, keep = "remove") =>
      service === "qmail"
        ? ["pem", alias, service, "0640", "root", String(VPOPMAIL), keep, path]
        : ["pem", alias, service, "0600", "root", "root", keep, path];
    const settings = (path: string) => `ssl_cert = <${path}\n  ssl_key = <${path}\n`;
    const own = [
      ["row", alias, ...names],
      pem("qmail", `${control}/servercerts/${alias}/servercert.pem`),
      pem("dovecot", `${sni}/${alias}.pem`),
      this.textOf(
        alias,
        "remove",
        `${sni}/${alias}.conf`,
        `local_name "${[...names, names[0]].join(" ")}" {\n  ${settings(`${sni}/${alias}.pem`)}}\n`,
      ),
      ...names
        .filter((name) => name !== alias)
        .map((name) => [
          "link",
          alias,
          "qmail",
          `${control}/servercerts/${name}/servercert.pem`,
          `../${alias}/servercert.pem`,
        ]),
    ];
    const file = join(this.dovecot.directory, "conf.d/99-mail-sni-default.conf");
    const defaults = [
      pem("qmail", `${control}/servercert.pem`, "keep"),
      pem("dovecot", `${sni}/default.pem`, "keep"),
      this.textOf(alias, "keep", file, settings(`${sni}/default.pem`)),
    ];
    return [...own, ...(isDefault ? defaults : [])].map((fields) => fields.join("\t"));
  }

  /** A file of Dovecot's configuration, by its path on this machine. */
  private textOf(alias: string, keep: string, path: string, contents: string): string[] {
    const source = join(this.directory, "snippets", path.split("/").at(-1) as string);
    this.write(source, contents, 0o644);
    return ["text", alias, "dovecot", "0644", "root", "root", keep, path, source];
  }

  /** Has dehydrated renew a row in its next run: its own file of settings for one certificate. */
  makeDue(alias: string): void {
    writeFileSync(join(this.work, "certs", alias, "config"), "RENEW_DAYS=1000\n");
  }

  makeNotDue(alias: string): void {
    writeFileSync(join(this.work, "certs", alias, "config"), "RENEW_DAYS=30\n");
  }

  /** The fingerprint of what dehydrated has for a row, as the result says it. */
  fingerprintOf(alias: string): string | undefined {
    return this.result()[alias]?.fingerprint ?? undefined;
  }

  /** The fingerprint of what each server presents for a name, or to clients without SNI. */
  async presented(serverName?: string): Promise<string[]> {
    const servers: [number, Protocol][] = [
      [this.dovecot.ports.imaps, "tls"],
      [this.dovecot.ports.pop3, "pop3"],
      [this.qmail.port, "smtp"],
    ];
    const answers = servers.map(([port, protocol]) =>
      presentedCertificate({
        endpoint: { host: "127.0.0.1", port },
        protocol,
        serverName,
        deadlineMs: 20_000,
      }),
    );
    return (await Promise.all(answers)).map(({ leaf }) => leaf.fingerprintSha256);
  }

  /** Each name of rows with what is presented for it, for a comparison with what should be. */
  async presentedFor(...rows: readonly Row[]): Promise<Record<string, string[]>> {
    const names = rows.flatMap((row) => row.names);
    const entries = names.map(async (name) => [name, await this.presented(name)] as const);
    return Object.fromEntries([...(await Promise.all(entries)), ["", await this.presented()]]);
  }

  /** What `presentedFor` is to be: each name its own row's certificate, and the first row's without SNI. */
  expected(...rows: readonly Row[]): Record<string, (string | undefined)[]> {
    const entries = rows.flatMap(({ names, alias = names[0] }) =>
      names.map((name) => [name, Array(3).fill(this.fingerprintOf(alias))] as const),
    );
    const [first] = rows;
    return Object.fromEntries([
      ...entries,
      ["", Array(3).fill(first && this.fingerprintOf(first.alias ?? first.names[0]))],
    ]);
  }

  /** Everything that the program and dehydrated have logged or written for others to read. */
  publicTexts(): string {
    const files = [join(this.work, "result"), join(this.state, "ledger"), join(this.directory, "table")];
    return files
      .filter((file) => existsSync(file))
      .map((file) => readFileSync(file, "utf8"))
      .join("\n");
  }
}

export { DEHYDRATED };
