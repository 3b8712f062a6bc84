import { X509Certificate } from "node:crypto";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { DataResource, type TerraformStack } from "cdktf";
import { AcmeIssuer, Challenge, HostNames, MailHost, MailSni } from "../../../lib";
import { presentedCertificate } from "../../../lib/shared/tls/handshake";
import { Dovecot } from "../../support/dovecot";
import type { Engine } from "../../support/engine";
import { MailSniProgram, type ProgramRun, type RunningProgram } from "../../support/mail-sni-program";
import { Pebble } from "../../support/pebble";
import { SshServer } from "../../support/ssh-server";
import { StackProject } from "../../support/stack-project";
import { dovecotHost } from "../served/dovecot-host";
import { QmailHost } from "../served/qmail-host";

const DAY_MS = 86_400_000;

/** What a stack declares. */
export interface Declared {
  readonly domains: readonly string[];
  /** The input of a resource of another provider. @default - no such resource */
  readonly note?: string;
}

interface ResourceState {
  readonly type: string;
  readonly name: string;
  readonly instances: readonly { readonly attributes: { readonly certificate_pem: string } }[];
}

/**
 * A project whose one stack has two hosts: `mx1`, a real Dovecot on this machine, and `mx2`, qmail behind SSH. A Pebble issues the
 * certificates, and the command `mail-sni renew` runs in a process of its own.
 */
export class RenewedMail {
  static async start(engine: Engine): Promise<RenewedMail> {
    const [dovecot, qmail, ssh] = [await Dovecot.start(), await QmailHost.start(), await SshServer.start()];
    const pebble = await Pebble.start({ webBelow: dovecot.root });
    const project = await StackProject.create(engine);
    const mail = new RenewedMail(engine, project, await MailSniProgram.build(), {
      dovecot,
      qmail,
      ssh,
      pebble,
    });
    mail.write("cdktf.json", "{}");
    mail.write("root.pem", await pebble.root());
    return mail;
  }

  /** Where the command puts what it needs while it runs. */
  readonly temporary = mkdtempSync(join(tmpdir(), "mail-sni-renew-"));

  private constructor(
    private readonly engine: Engine,
    readonly project: StackProject,
    private readonly program: MailSniProgram,
    readonly servers: {
      readonly dovecot: Dovecot;
      readonly qmail: QmailHost;
      readonly ssh: SshServer;
      readonly pebble: Pebble;
    },
  ) {}

  file(...names: readonly string[]): string {
    return join(this.project.directory, ...names);
  }

  write(name: string, text: string): string {
    writeFileSync(this.file(name), text);
    return this.file(name);
  }

  /** Synthesizes the stack, as a merge does. */
  declare({ domains, note }: Declared): void {
    this.project.synth((stack) => {
      const sni = new MailSni(stack, "sni", {
        hosts: [this.#mx1(stack), this.#mx2(stack)],
        issuer: this.#issuer(stack),
        defaultDomain: "d1.test",
      });
      for (const domain of domains) sni.addDomain(domain, { names: HostNames.of(domain, `imap.${domain}`) });
      if (note !== undefined) new DataResource(stack, "note", { input: { note } });
    });
  }

  /** @throws Error if not all of it worked */
  async deploy(declared: Declared): Promise<void> {
    this.declare(declared);
    const run = await this.project.apply();
    if (run.exitCode !== 0) throw new Error(`the apply failed:\n${run.errors.join("\n")}`);
  }

  /** @param more options beside those that name the project and the roots */
  renew(...more: readonly string[]): Promise<ProgramRun> {
    return this.startRenew(...more).finished;
  }

  startRenew(...more: readonly string[]): RunningProgram {
    const where = more.includes("--from") ? [] : ["--project", this.project.directory];
    const engine = more.includes("--engine") ? [] : ["--engine", this.engine.executable];
    const roots = ["--no-system-roots", "--ca", this.file("root.pem")];
    return this.program.start(["renew", ...where, ...engine, ...roots, ...more], this.#environment);
  }

  /**
   * A program that stands in for the engine, and runs it in the end.
   *
   * @param script for a shell; `$1` is the subcommand
   */
  engineAfter(script: string): string {
    const path = this.write(
      "engine.sh",
      `#!/bin/sh\nengine=${this.engine.executable}\n${script}\nexec "$engine" "$@"\n`,
    );
    chmodSync(path, 0o755);
    return path;
  }

  /** Has the CA want a domain's certificate renewed by now. */
  suggestRenewal(domain: string): Promise<void> {
    const now = Date.now();
    return this.servers.pebble.suggestRenewal(
      this.certificateOf(domain),
      new Date(now - DAY_MS),
      new Date(now - DAY_MS / 2),
    );
  }

  /** As it is in the state: PEM. */
  certificateOf(domain: string): string {
    const { resources }: { resources: ResourceState[] } = JSON.parse(this.state);
    const name = `c_${domain.replaceAll(".", "_")}`;
    const found = resources.find((one) => one.type === "mailsni_acme_certificate" && one.name === name);
    return String(found?.instances[0]?.attributes.certificate_pem);
  }

  /** The fingerprint that the state has. */
  issued(domain: string): string {
    return fingerprint(new X509Certificate(this.certificateOf(domain)));
  }

  /** The fingerprints that both hosts present for a name. */
  async served(name: string): Promise<{ readonly mx1: string; readonly mx2: string }> {
    const { dovecot, qmail } = this.servers;
    const [smtp] = qmail.service.endpoints;
    return {
      mx1: await presented({ port: dovecot.ports.imaps, protocol: "tls" }, name),
      mx2: await presented({ port: smtp?.port ?? 0, protocol: "smtp" }, name),
    };
  }

  get state(): string {
    return readFileSync(this.file("terraform.tfstate"), "utf8");
  }

  /** Parts of private keys in the state that no report may have. */
  get keyMarkers(): readonly string[] {
    // The first line is the same of all keys of a kind.
    const keys = this.state.matchAll(/PRIVATE KEY-----\\n.{64}\\n([A-Za-z0-9+/=]{40})/g);
    return [...new Set([...keys].map(([, base64 = ""]) => base64))];
  }

  /** What the command has left behind. */
  get left(): readonly string[] {
    return readdirSync(this.temporary);
  }

  async stop(): Promise<void> {
    const { dovecot, qmail, ssh, pebble } = this.servers;
    await Promise.all([dovecot.stop(), qmail.stop(), ssh.stop(), pebble.stop()]);
    this.program.remove();
    this.project.remove();
    rmSync(this.temporary, { recursive: true, force: true });
  }

  /** All that can be logged is. */
  get #environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      TMPDIR: this.temporary,
      TF_CLI_CONFIG_FILE: this.write("empty.tfrc", ""),
      TF_LOG: "trace",
      MAIL_SNI_DEBUG: "1",
    };
  }

  #mx1(stack: TerraformStack): MailHost {
    return dovecotHost(this.servers.dovecot)(stack);
  }

  #mx2(stack: TerraformStack): MailHost {
    const { ssh, qmail } = this.servers;
    const { address, identityFile, hostKey } = ssh;
    return MailHost.ssh(stack, "mx2", {
      ...{ address, identityFile, hostKeys: [hostKey], sshConfigFile: ssh.file("ssh_config", "") },
      stateDirectory: this.file("mx2"),
      services: [qmail.service],
    });
  }

  #issuer(stack: TerraformStack): AcmeIssuer {
    const { pebble, dovecot } = this.servers;
    const { web, dnsServer, directoryUrl, directoryCaPem } = pebble;
    const webroot = `/${relative(dovecot.root, web.directory)}`;
    return AcmeIssuer.directory(stack, "pebble", directoryUrl, {
      challenge: Challenge.httpWebroot(webroot, { dnsServers: [dnsServer], hosts: ["mx1"] }),
      caCertificate: directoryCaPem,
    });
  }
}

function fingerprint({ fingerprint256 }: X509Certificate): string {
  return fingerprint256.replaceAll(":", "").toLowerCase();
}

async function presented(
  { port, protocol }: { readonly port: number; readonly protocol: "tls" | "smtp" },
  serverName: string,
): Promise<string> {
  const endpoint = { host: "127.0.0.1", port };
  return (await presentedCertificate({ endpoint, protocol, serverName, deadlineMs: 10_000 })).leaf
    .fingerprintSha256;
}
