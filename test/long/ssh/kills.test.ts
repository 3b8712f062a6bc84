import { existsSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type IMailService, MailHost, type MailProtocol, MailSni, PrivateCa } from "../../../lib";
import { presentedCertificate } from "../../../lib/tls/handshake";
import { dovecotService } from "../../e2e/served/dovecot-host";
import { QmailHost } from "../../e2e/served/qmail-host";
import { Dovecot } from "../../support/dovecot";
import { engineUnderTest, requireEngine } from "../../support/engine-under-test";
import { dovecot23 } from "../../support/machine";
import { argumentsOf, childrenOf, descendantsOf, killAll } from "../../support/processes";
import { describeIf, sshd } from "../../support/requirements";
import { SshServer } from "../../support/ssh-server";
import { StackProject } from "../../support/stack-project";

/** MAIL_SNI_KILLS=50 MAIL_SNI_KILLED_DOMAINS=100 is what a release should have survived; it takes the better part of an hour. */
const KILLS = Number(process.env.MAIL_SNI_KILLS ?? 9);
const DOMAINS = Array.from(
  { length: Number(process.env.MAIL_SNI_KILLED_DOMAINS ?? 20) },
  (_, index) => `domain${index}.test`,
);
const WHOLE_PEM =
  /^-----BEGIN PRIVATE KEY-----\n[\w+/=\n]+-----END PRIVATE KEY-----\n(-----BEGIN CERTIFICATE-----\n[\w+/=\n]+-----END CERTIFICATE-----\n)+$/;

describe(`what is killed while ${DOMAINS.length} domains get new certificates`, () => {
  describeIf([engineUnderTest, dovecot23, sshd], "on a host by ssh", () => kills("ssh"));
  describeIf([engineUnderTest, dovecot23], "on this machine", () => kills("local"));
});

function kills(reach: "ssh" | "local"): void {
  let dovecot: Dovecot;
  let qmail: QmailHost;
  let ssh: SshServer | undefined;
  let project: StackProject;
  let services: readonly IMailService[];

  beforeAll(async () => {
    dovecot = await Dovecot.start({ version: "2.3" });
    qmail = await QmailHost.start();
    ssh = reach === "ssh" ? await SshServer.start() : undefined;
    project = await StackProject.create(requireEngine());
    services = [dovecotService(dovecot), qmail.service];
    declare(0);
    expect((await project.apply()).exitCode).toBe(0);
  });
  afterAll(async () => {
    await dovecot?.stop();
    await qmail?.stop();
    await ssh?.stop();
    project?.remove();
  });

  /** All domains, by certificates of the one or the other CA. */
  function declare(version: number): void {
    project.synth((stack) => {
      const props = { services: [...services], stateDirectory: `${dovecot.directory}/ledger` };
      const host = ssh
        ? MailHost.ssh(stack, "mx1", {
            ...props,
            address: ssh.address,
            identityFile: ssh.identityFile,
            sshConfigFile: ssh.file("ssh_config", ""),
            hostKeys: [ssh.hostKey],
          })
        : MailHost.local(stack, "mx1", props);
      const issuers = [new PrivateCa(stack, "one"), new PrivateCa(stack, "other")];
      const sni = new MailSni(stack, "sni", {
        hosts: [host],
        issuer: issuers[version % 2],
        defaultDomain: DOMAINS[0],
      });
      for (const domain of DOMAINS) sni.addDomain(domain);
    });
  }

  /** Asks for names and reads files all the time. */
  class Poller {
    readonly faults = new Set<string>();
    asked = 0;
    #stopped = false;
    readonly #working = Promise.all([this.#ask(), this.#ask(), this.#read()]);

    async stop(): Promise<void> {
      this.#stopped = true;
      await this.#working;
    }

    async #ask(): Promise<void> {
      while (!this.#stopped) {
        const name = `imap.${DOMAINS[Math.floor(Math.random() * DOMAINS.length)]}`;
        for (const { endpoints, name: service } of services) {
          const { port, protocol } = endpoints[0] as { port: number; protocol: MailProtocol };
          const target = { endpoint: { host: "127.0.0.1", port }, protocol, serverName: name };
          this.asked += 1;
          await presentedCertificate({ ...target, deadlineMs: 20_000 }).then(
            ({ leaf }) => {
              if (!leaf.dnsNames.includes(name)) this.faults.add(`${service}: ${leaf.subject} for ${name}`);
            },
            (error) => this.faults.add(`${service}: ${error.message} for ${name}`),
          );
        }
        await delay(20);
      }
    }

    async #read(): Promise<void> {
      while (!this.#stopped) {
        for (const domain of DOMAINS) {
          for (const path of [
            dovecot.path(`mail-sni/${domain}.pem`),
            qmail.path(`control/servercerts/${domain}/servercert.pem`),
            qmail.path(`control/servercerts/imap.${domain}/servercert.pem`),
          ]) {
            if (!existsSync(path)) this.faults.add(`${path} is missing`);
            else if (!WHOLE_PEM.test(readFileSync(path, "utf8"))) this.faults.add(`${path} is not whole`);
          }
        }
        await delay(100);
      }
    }
  }

  const isSshd = (pid: number) => argumentsOf(pid)[0]?.startsWith("sshd") ?? false;
  /** What can be killed: here, on the way, and there. */
  const victims: readonly (() => readonly number[])[] = [
    () => project.providers,
    () => project.providers.flatMap((pid) => childrenOf(pid)),
    () => {
      const roots = ssh ? ssh.connections : project.providers;
      const pids = roots.flatMap((pid) => descendantsOf(pid)).filter((pid) => !isSshd(pid));
      return pids.filter((pid) => argumentsOf(pid).join(" ").endsWith("sh -s"));
    },
  ];

  it(`GIVEN ${KILLS} kills THEN nobody is refused, files are whole, and the next apply ends clean`, async () => {
    const began = Date.now();
    declare(1);
    await project.apply();
    const duration = Date.now() - began;
    const poller = new Poller();
    let cut = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      declare(kill);
      const applying = project.startApply();
      await delay(Math.random() * duration);
      killAll(victims[kill % victims.length]?.() ?? []);
      if ((await applying).exitCode !== 0) cut += 1;
    }
    declare(KILLS);
    const last = await project.apply();
    await poller.stop();
    expect([...poller.faults]).toEqual([]);
    expect(poller.asked).toBeGreaterThan(KILLS);
    expect(cut).toBeGreaterThan(KILLS / 4);
    expect(last.errors).toEqual([]);
    expect((await project.plan()).exitCode).toBe(0);
  }, 3_000_000);
}
