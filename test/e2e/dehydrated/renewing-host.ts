import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { TerraformStack } from "cdktf";
import {
  AcmeIssuer,
  Challenge,
  DehydratedChallenge,
  DehydratedIssuer,
  type DehydratedIssuerProps,
  HostNames,
  type IIssuer,
  type MailHost,
  MailSni,
  RenewalTimer,
  type ServiceEndpoint,
} from "../../../lib";
import { fingerprintOf } from "../../../lib/shared/certificate-facts";
import { presentedCertificate } from "../../../lib/shared/tls/handshake";
import { ran } from "../../cli/support/ran";
import { type CommandResult, runCommand } from "../../support/commands";
import { Dovecot } from "../../support/dovecot";
import type { Engine } from "../../support/engine";
import type { EngineReport } from "../../support/engine-report";
import { Pebble } from "../../support/pebble";
import { StackProject } from "../../support/stack-project";
import { dovecotService } from "../served/dovecot-host";
import { QmailHost } from "../served/qmail-host";
import type { Reach } from "../served/reach";

/** The names of each certificate, by mail domain; the first one is the default. */
export type Rows = Readonly<Record<string, readonly string[]>>;

const DEADLINE_MS = 10_000;

export interface RenewingHostOptions {
  readonly reach: Reach;
  /** Whether plans ask what is served. @default false */
  readonly servedChecks?: boolean;
}

/** A mail host with a real Dovecot, qmail's stand-in and Debian's dehydrated, and a CA for it: Pebble. */
export class RenewingHost {
  static async start(engine: Engine, { reach, ...options }: RenewingHostOptions): Promise<RenewingHost> {
    const dovecot = await Dovecot.start({ version: "2.3" });
    const qmail = await QmailHost.start(reach);
    // dehydrated 0.7.0 does not try again where a nonce is refused.
    const pebble = await Pebble.start({ badNonces: 0 });
    return new RenewingHost(dovecot, qmail, pebble, await StackProject.create(engine), options);
  }

  readonly #directory = mkdtempSync(join(tmpdir(), "mail-sni-renewing-"));
  #endpoints: readonly ServiceEndpoint[] = [];

  private constructor(
    private readonly dovecot: Dovecot,
    private readonly qmail: QmailHost,
    readonly pebble: Pebble,
    readonly project: StackProject,
    private readonly options: Omit<RenewingHostOptions, "reach">,
  ) {}

  /** Where something of the managed files is, such as `renewal`. */
  managed(...names: readonly string[]): string {
    return join(this.#directory, "etc", ...names);
  }

  /** Where something of dehydrated's is, such as `certs`. */
  work(...names: readonly string[]): string {
    return join(this.#directory, "work", ...names);
  }

  /** The file in which the provider has noted what belongs to whom. */
  get ledger(): string {
    return this.qmail.ledger;
  }

  /** Where something of Dovecot's is, such as `mail-sni`. */
  dovecotPath(...names: readonly string[]): string {
    return join(this.dovecot.path("."), ...names);
  }

  restartDovecot(): Promise<void> {
    return this.dovecot.restart();
  }

  /** The file at which qmail looks for a name. */
  qmailPem(name: string): string {
    return this.qmail.path("control", "servercerts", name, "servercert.pem");
  }

  /** The PEM of a domain that Dovecot reads. */
  dovecotPem(domain: string): string {
    return this.dovecot.path(`mail-sni/${domain}.pem`);
  }

  /** Writes a hook of one's own, as for dehydrated, which tells the CA's DNS server. @returns its path */
  dnsHook(): string {
    const path = join(this.#directory, "dns-hook");
    writeFileSync(
      path,
      `#!/bin/sh
printf '%s\\n' "$1" >>'${path}.calls'
tell() { curl -sf -d "$2" '${this.pebble.dnsManagementUrl}'"$1"; }
case $1 in
  deploy_challenge) tell /set-txt '{"host":"_acme-challenge.'"$2"'.","value":"'"$4"'"}' ;;
  clean_challenge) tell /clear-txt '{"host":"_acme-challenge.'"$2"'."}' ;;
esac
`,
      { mode: 0o755 },
    );
    return path;
  }

  /** The verbs with which that hook was called, in order. */
  dnsHookCalls(): string[] {
    return readFileSync(join(this.#directory, "dns-hook.calls"), "utf8").trimEnd().split("\n");
  }

  /** Declares exactly these certificates, from the host's own issuer. */
  declare(rows: Rows, props: Partial<DehydratedIssuerProps> = {}): void {
    this.declareWith(rows, (stack, host) => this.#dehydrated(stack, host, props));
  }

  /** Declares the same certificates from an issuer that brings them to the host, beside the one on it or without it. */
  declareWithAcme(rows: Rows, { keepsIssuer }: { readonly keepsIssuer: boolean }): void {
    this.declareWith(rows, (stack, host) => {
      if (keepsIssuer) this.#dehydrated(stack, host, {});
      return AcmeIssuer.directory(stack, "acme", this.pebble.directoryUrl, {
        challenge: Challenge.httpWebroot(this.pebble.web.directory, { lookFirst: false }),
        caCertificate: this.pebble.directoryCaPem,
        optionalLabels: [],
      });
    });
  }

  private declareWith(rows: Rows, issuerOf: (stack: TerraformStack, host: MailHost) => IIssuer): void {
    this.project.synth((stack) => {
      const host = this.qmail.declareWith(stack, [this.qmail.service, dovecotService(this.dovecot)]);
      this.#endpoints = host.services.flatMap(({ endpoints }) => endpoints);
      const issuer = issuerOf(stack, host);
      const [defaultDomain] = Object.keys(rows);
      const { servedChecks } = this.options;
      const sni = new MailSni(stack, "sni", { hosts: [host], issuer, defaultDomain, servedChecks });
      for (const [domain, names] of Object.entries(rows))
        sni.addDomain(domain, { names: HostNames.of(...names) });
    });
  }

  #dehydrated(
    stack: TerraformStack,
    host: MailHost,
    props: Partial<DehydratedIssuerProps>,
  ): DehydratedIssuer {
    return DehydratedIssuer.directory(stack, "dehydrated", this.pebble.directoryUrl, {
      host,
      challenge: DehydratedChallenge.httpWebroot(this.pebble.web.directory),
      caCertificate: this.pebble.directoryCaPem,
      timer: RenewalTimer.cron({ file: join(this.#directory, "cron.d", "mail-sni-dehydrated") }),
      directory: this.managed(),
      workDirectory: this.work(),
      ...props,
    });
  }

  /** @throws Error where not all of it worked */
  async deploy(rows: Rows, props: Partial<DehydratedIssuerProps> = {}): Promise<EngineReport> {
    this.declare(rows, props);
    return this.apply();
  }

  /** @throws Error where not all of it worked */
  async apply(): Promise<EngineReport> {
    const run = await this.project.apply();
    if (run.exitCode !== 0) throw new Error(`the apply failed:\n${run.errors.join("\n")}`);
    return run;
  }

  /** What `mail-sni verify --json` says: of each name at each port, with what the host says of the certificate. */
  async verify(engine: Engine): Promise<Verified> {
    const { directory } = this.project;
    writeFileSync(join(directory, "cdktf.json"), "{}");
    writeFileSync(join(directory, "root.pem"), await this.pebble.root());
    const { exitCode, out, err } = await ran(
      [
        ...["verify", "--json", "--project", directory, "--engine", engine.executable],
        ...["--connect", "127.0.0.1", "--no-system-roots", "--ca", join(directory, "root.pem")],
      ],
      { environment: process.env },
    );
    return { exitCode, err, results: JSON.parse(out).results };
  }

  /**
   * Has Dovecot read another domain's PEM in place of that of one, whose file is as before afterwards.
   *
   * @returns what has it read its own again
   */
  async haveDovecotServe(name: string, domain: string, other: string): Promise<() => Promise<void>> {
    const path = this.dovecotPem(domain);
    const before = readFileSync(path);
    const theirs = readFileSync(this.dovecotPem(other));
    const fingerprint = fingerprintOf(new X509Certificate(theirs));
    try {
      writeFileSync(path, theirs);
      await this.dovecot.restart();
      while (!(await this.presentedAnywhere(name)).some((one) => one.fingerprint === fingerprint))
        await delay(100);
    } finally {
      writeFileSync(path, before);
    }
    return () => this.dovecot.reload();
  }

  /** Runs what the timer starts, as cron does: by a shell, with the command of its file. */
  async runByTimer(): Promise<CommandResult> {
    const text = readFileSync(join(this.#directory, "cron.d", "mail-sni-dehydrated"), "utf8");
    const [, command = ""] = /^(?:\S+ ){5}root (.*)$/m.exec(text) ?? [];
    return runCommand(["env", "-i", "PATH=/usr/bin:/bin", "sh", "-c", command]);
  }

  /**
   * Whose certificate is presented for each name, at all ports: the first of its names, and its serial number. Where ports
   * differ, what each of them said.
   */
  async presented(names: readonly string[]): Promise<Record<string, Presented>> {
    const answers = names.map(async (name) => [name, await this.#presentedAtAll(name)] as const);
    return Object.fromEntries(await Promise.all(answers));
  }

  /** What is presented for a name at each port, which may differ while a certificate is replaced. */
  presentedAnywhere(name: string): Promise<Presented[]> {
    return Promise.all(this.#endpoints.map((endpoint) => this.#presented(endpoint, name)));
  }

  /** Whose certificate each server presents for a name: once, if it is the same at all of its ports. */
  async presentedByServices(name: string): Promise<Record<string, readonly (readonly string[])[]>> {
    const answers = await this.presentedAnywhere(name);
    const qmailPorts = this.qmail.service.endpoints.map(({ port }) => port);
    const byService: Record<string, Map<string, readonly string[]>> = {
      qmail: new Map(),
      dovecot: new Map(),
    };
    for (const [index, { names }] of answers.entries()) {
      const port = this.#endpoints[index]?.port ?? 0;
      byService[qmailPorts.includes(port) ? "qmail" : "dovecot"]?.set(`${names}`, names);
    }
    return Object.fromEntries(
      Object.entries(byService).map(([service, names]) => [service, [...names.values()]]),
    );
  }

  async #presentedAtAll(name: string): Promise<Presented> {
    const answers = await this.presentedAnywhere(name);
    const [first] = answers;
    const different = answers.find(({ fingerprint }) => fingerprint !== first?.fingerprint);
    if (first === undefined || different !== undefined)
      throw new Error(`${name} is presented ${JSON.stringify(answers)}`);
    return first;
  }

  async #presented(
    { port, protocol, address = "127.0.0.1" }: ServiceEndpoint,
    name: string,
    attempts = 5,
  ): Promise<Presented> {
    try {
      const { leaf } = await presentedCertificate({
        endpoint: { host: address, port },
        protocol,
        serverName: name === "" ? undefined : name,
        deadlineMs: DEADLINE_MS,
      });
      return { names: [...leaf.dnsNames].sort(), fingerprint: leaf.fingerprintSha256 };
    } catch (error) {
      if (attempts === 1) throw error;
      await delay(50);
      return this.#presented({ port, protocol, address }, name, attempts - 1);
    }
  }

  async stop(): Promise<void> {
    await this.dovecot.stop();
    await this.qmail.stop();
    await this.pebble.stop();
    this.project.remove();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** As far as the tests look at it. */
export interface Verified {
  readonly exitCode: number;
  readonly err: string;
  readonly results: readonly {
    readonly name: string | null;
    readonly service: string;
    readonly status: string;
    readonly expected: {
      readonly domain: string | null;
      readonly fingerprintSha256: string | null;
      readonly issuedOn: { readonly host: string; readonly status: string } | null;
    };
    readonly findings: readonly { readonly code: string; readonly problem: string }[];
  }[];
}

export interface Presented {
  readonly names: readonly string[];
  /** SHA-256 of the leaf. */
  readonly fingerprint: string;
}
