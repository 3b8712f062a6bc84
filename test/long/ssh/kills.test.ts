import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type IMailService, MailHost, type MailProtocol, MailSni, PrivateCa } from "../../../lib";
import { presentedCertificate } from "../../../lib/shared/tls/handshake";
import { dovecotService } from "../../e2e/served/dovecot-host";
import { QmailHost } from "../../e2e/served/qmail-host";
import { Dovecot } from "../../support/dovecot";
import { engineUnderTest, requireEngine } from "../../support/engine-under-test";
import { dovecot23 } from "../../support/machine";
import { argumentsOf, childrenOf, descendantsOf, killAll } from "../../support/processes";
import { describeIf, sshd } from "../../support/requirements";
import { SshServer } from "../../support/ssh-server";
import { StackProject } from "../../support/stack-project";
import { killsOf } from "../support/kills";

/** MAIL_SNI_KILLS=330 MAIL_SNI_KILLED_DOMAINS=100 is what a release should have survived; it takes 45 minutes. */
const DOMAINS = Array.from(
  { length: Number(process.env.MAIL_SNI_KILLED_DOMAINS ?? 20) },
  (_, index) => `domain${index}.test`,
);
/** For an apply. On a machine that does nothing else it takes 10 s and a seventh of a second a domain. */
const LIMIT_MS = 60_000 + DOMAINS.length * 1000;
/** Longer than any client waits. */
const HANDSHAKE_MS = 60_000;
const WHOLE_PEM =
  /^-----BEGIN PRIVATE KEY-----\n[\w+/=\n]+-----END PRIVATE KEY-----\n(-----BEGIN CERTIFICATE-----\n[\w+/=\n]+-----END CERTIFICATE-----\n)+$/;

describe(`what is killed while ${DOMAINS.length} domains get new certificates`, () => {
  describeIf([engineUnderTest, dovecot23, sshd], "on a host by ssh", () =>
    kills("ssh", killsOf("manyDomainsBySsh")),
  );
  describeIf([engineUnderTest, dovecot23], "on this machine", () =>
    kills("local", killsOf("manyDomainsOnThisMachine")),
  );
});

function kills(reach: "ssh" | "local", count: number): void {
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
    /** Handshakes that were begun. */
    asked = 0;
    /** The longest of them, in milliseconds: what a machine that is busy does to clients is no fault of ours, but is told. */
    slowest = 0;
    /** Files that were read. */
    read = 0;
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
          const began = performance.now();
          await presentedCertificate({ ...target, deadlineMs: HANDSHAKE_MS }).then(
            ({ leaf }) => {
              if (!leaf.dnsNames.includes(name)) this.faults.add(`${service}: ${leaf.subject} for ${name}`);
            },
            (error) => this.faults.add(`${service}: ${error.message} for ${name}`),
          );
          this.slowest = Math.max(this.slowest, performance.now() - began);
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
            this.read += 1;
            const text = textOf(path);
            if (text === null) this.faults.add(`${path} is missing`);
            else if (!WHOLE_PEM.test(text)) this.faults.add(`${path} is not whole`);
          }
        }
        await delay(100);
      }
    }
  }

  const isSshd = (pid: number) => argumentsOf(pid)[0]?.startsWith("sshd") ?? false;
  /** What can be killed: here, on the way, and there. */
  const victims = {
    "the provider": () => project.providers,
    "what it has started": () => project.providers.flatMap((pid) => childrenOf(pid)),
    "the shell on the host": () => {
      const roots = ssh ? ssh.connections : project.providers;
      const pids = roots.flatMap((pid) => descendantsOf(pid)).filter((pid) => !isSshd(pid));
      return pids.filter((pid) => argumentsOf(pid).join(" ").endsWith("sh -s"));
    },
  };

  /** What is there to be killed, from now on until there is something; nothing where the apply ends before. */
  async function victimOf(
    what: keyof typeof victims,
    applying: Promise<unknown>,
  ): Promise<readonly number[]> {
    let ended = false;
    void applying.then(() => {
      ended = true;
    });
    let pids = victims[what]();
    while (pids.length === 0 && !ended) {
      await delay(20);
      pids = victims[what]();
    }
    return pids;
  }

  it(
    `GIVEN ${count} kills THEN no client is refused, files are whole, and the next apply ends clean`,
    async () => {
      const poller = new Poller();
      const began = Date.now();
      declare(1);
      await project.apply();
      const duration = Date.now() - began;
      const tally = new Map<string, { hit: number; cutOff: number }>();
      const whats = Object.keys(victims) as (keyof typeof victims)[];
      for (let kill = 0; kill < count; kill++) {
        declare(kill);
        const what = whats[kill % whats.length] as keyof typeof victims;
        const applying = project.startApply();
        // At a random time in each share of an apply, so that few come after its end.
        await delay(((kill + Math.random()) / count) * duration);
        const pids = await victimOf(what, applying);
        killAll(pids);
        const { hit, cutOff } = tally.get(what) ?? { hit: 0, cutOff: 0 };
        // What only looks is begun again, and an apply may end well although its connection was killed.
        const failed = (await applying).exitCode !== 0;
        tally.set(what, { hit: hit + Number(pids.length > 0), cutOff: cutOff + Number(failed) });
      }
      declare(count);
      const last = await project.apply();
      await poller.stop();
      const { asked, slowest, read, faults } = poller;
      console.info(`${reach}, ${count} kills:`, Object.fromEntries(tally), { asked, slowest, read });
      expect([...faults]).toEqual([]);
      expect(asked).toBeGreaterThan(count);
      const cutOff = [...tally.values()].reduce((sum, one) => sum + one.cutOff, 0);
      expect(cutOff).toBeGreaterThan(count / 4);
      expect(last.errors).toEqual([]);
      expect((await project.plan()).exitCode).toBe(0);
    },
    (count + 3) * LIMIT_MS,
  );
}

/** In one step, so that nothing can happen in between. */
function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return null;
  }
}
