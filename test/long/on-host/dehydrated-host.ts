import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Dovecot as DovecotService } from "../../../lib";
import { serviceRecords } from "../../../lib/constructs/host/renewal/renewal-table";
import { DOVECOT_23, DOVECOT_24 } from "../../../lib/constructs/service/dovecot-dialect";
import type { CertificateFacts } from "../../../lib/shared/certificate-facts";
import { presentedCertificate } from "../../../lib/shared/tls/handshake";
import type { Protocol } from "../../../lib/shared/tls/protocols";
import { dovecotOptions } from "../../e2e/served/dovecot-host";
import { RenewalHost, type Row } from "../../on-host/renewal/support/renewal-host";
import { DEHYDRATED } from "../../support/dehydrated";
import { Dovecot } from "../../support/dovecot";
import type { DovecotVersion } from "../../support/dovecot-installation";
import { Pebble } from "../../support/pebble";
import { type QmailProcess, spawnQmail } from "../../support/qmail/spawn";

/** Of vpopmail and its group on many systems. Any other than root will do. */
const VPOPMAIL = 89;

/** What dehydrated has to know of a CA. */
export type Authority = Pick<Pebble, "directoryUrl" | "directoryCaPem">;

export interface DehydratedHostOptions {
  /** Of Dovecot. @default "2.3" */
  readonly version?: DovecotVersion;
  /** @default a Pebble of its own */
  readonly authority?: Authority;
}

/**
 * A mail host with a real dehydrated that orders from a Pebble, a real Dovecot and the qmail stand-in, which reads its files as
 * another user than root.
 */
export class DehydratedHost extends RenewalHost {
  static async start({ version = "2.3", authority }: DehydratedHostOptions = {}): Promise<DehydratedHost> {
    // dehydrated 0.7.0 does not try again with another nonce.
    const pebble = authority === undefined ? await Pebble.start({ badNonces: 0 }) : undefined;
    const dovecot = await Dovecot.start({ version });
    const host = new DehydratedHost(dovecot, authority ?? (pebble as Pebble), pebble);
    for (const directory of [host.temporary, host.root, host.qmailHome]) {
      mkdirSync(directory, { recursive: true });
      chmodSync(directory, 0o755);
    }
    mkdirSync(join(host.qmailHome, "control"), { recursive: true });
    host.#qmail = await spawnQmail({ directory: host.qmailHome, owner: { uid: VPOPMAIL, gid: VPOPMAIL } });
    host.#declareServices();
    return host;
  }

  #qmail: QmailProcess | undefined;
  /** Lines for dehydrated's configuration. */
  options: string[] = ["CHALLENGETYPE=http-01"];

  private constructor(
    readonly dovecot: Dovecot,
    private readonly authority: Authority,
    private readonly ownPebble: Pebble | undefined,
  ) {
    super(dovecot.root);
    this.qmailHome =
      dovecot.root === "/" ? join(this.root, "qmail") : mkdtempSync(join(tmpdir(), "mail-sni-qmail-"));
    // The paths of this machine are those of the chroot, too.
    if (dovecot.root === "/" || existsSync(join(dovecot.root, dovecot.root))) return;
    mkdirSync(join(dovecot.root, dirname(dovecot.root)), { recursive: true });
    symlinkSync("/", join(dovecot.root, dovecot.root));
  }

  get pebble(): Pebble {
    if (!this.ownPebble) throw new Error("It has another CA.");
    return this.ownPebble;
  }

  /** Below a directory that its user can enter: a chroot may be below root's home. */
  readonly qmailHome: string;

  get qmail(): QmailProcess {
    if (!this.#qmail) throw new Error("qmail was not started.");
    return this.#qmail;
  }

  async stop(): Promise<void> {
    await Promise.all([this.ownPebble?.stop(), this.dovecot.stop(), this.qmail.stop()]);
    this.remove();
    rmSync(this.qmailHome, { recursive: true, force: true });
  }

  #declareServices(): void {
    const { dovecot, directory } = this;
    dovecot.write("conf.d/05-mail-sni.conf", `!include_try ${dovecot.path("mail-sni")}/*.conf\n`);
    writeFileSync(join(directory, "ca.pem"), this.authority.directoryCaPem);
    const options = { ...dovecotOptions(dovecot), configurationFile: dovecot.path("dovecot.conf") };
    const service = dovecot.version === "2.3" ? DovecotService.v23(options) : DovecotService.v24(options);
    const records = serviceRecords(service).map((line) => line.trimEnd());
    this.services = ["service\tqmail", `endpoint\tqmail\t${this.qmail.port}\tsmtp\t-`, ...records];
  }

  /** Declares rows as the constructs would: the table, `domains.txt`, dehydrated's configuration. */
  override declare(...rows: readonly Row[]): void {
    const web = this.ownPebble?.web.directory ?? join(this.temporary, "web");
    const tokens = join(web, ".well-known/acme-challenge");
    mkdirSync(tokens, { recursive: true });
    if (this.options.includes("CHALLENGETYPE=http-01")) this.webroot = tokens;
    super.declare(...rows);
    const lines = rows.map(({ names, alias = names[0] }) => `${names.join(" ")} > ${alias}\n`);
    this.write(join(this.directory, "domains.txt"), lines.join(""));
    this.write(
      join(this.directory, "config"),
      [
        `CA="${this.authority.directoryUrl}"`,
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
    const sni = this.dovecot.path("mail-sni");
    const dialect = this.dovecot.version === "2.3" ? DOVECOT_23 : DOVECOT_24;
    const pem = (service: string, path: string, keep = "remove") =>
      service === "qmail"
        ? ["pem", alias, service, "0640", "root", String(VPOPMAIL), keep, path]
        : ["pem", alias, service, "0600", "root", "root", keep, path];
    const own = [
      ["row", alias, ...names],
      pem("qmail", `${control}/servercerts/${alias}/servercert.pem`),
      pem("dovecot", `${sni}/${alias}.pem`),
      this.textOf(
        alias,
        "remove",
        `${sni}/${alias}.conf`,
        dialect.snippet(alias, names, `${sni}/${alias}.pem`),
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
    const file = this.dovecot.path("conf.d/99-mail-sni-default.conf");
    const defaults = [
      pem("qmail", `${control}/servercert.pem`, "keep"),
      pem("dovecot", `${sni}/default.pem`, "keep"),
      this.textOf(alias, "keep", file, dialect.default(`${sni}/default.pem`)),
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
    return (await this.presentedLeaves(serverName)).map(({ fingerprintSha256 }) => fingerprintSha256);
  }

  /** What each server presents for a name, or to clients without SNI. */
  async presentedLeaves(serverName?: string): Promise<readonly CertificateFacts[]> {
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
    return (await Promise.all(answers)).map(({ leaf }) => leaf);
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
