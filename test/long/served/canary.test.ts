import { statSync } from "node:fs";
import { TerraformOutput, type TerraformStack } from "cdktf";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { HostNames, MailHost, MailSni, Ownership, PrivateCa, PrivateCertificate } from "../../../lib";
import { presentedCertificate } from "../../../lib/shared/tls/handshake";
import { dovecotService } from "../../e2e/served/dovecot-host";
import { combinedPem, type IssuedCertificate, issue } from "../../support/certificates";
import { Dovecot } from "../../support/dovecot";
import type { EngineReport } from "../../support/engine-report";
import { engineUnderTest, requireEngine } from "../../support/engine-under-test";
import { dovecot23, sshd } from "../../support/machine";
import { describeIf } from "../../support/requirements";
import { SshServer } from "../../support/ssh-server";
import { StackProject } from "../../support/stack-project";

// Each test runs a real engine several times.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

const DOMAINS = ["a.test", "b.test"] as const;
type Domain = (typeof DOMAINS)[number];

interface Declared {
  readonly canary?: "mx1" | "mx2";
  /** Another one has all certificates reissued. */
  readonly ca: string;
  readonly domains?: readonly Domain[];
}

describeIf([dovecot23, engineUnderTest, sshd], "two Dovecots, one of which is a canary", () => {
  let mx1: Dovecot;
  let mx2: Dovecot;
  let ssh: SshServer;
  let project: StackProject;
  let foreign: IssuedCertificate;

  beforeAll(async () => {
    [mx1, mx2, ssh, foreign] = await Promise.all([
      Dovecot.start(),
      Dovecot.start(),
      SshServer.start(),
      issue({ subject: "CN=foreign", dnsNames: ["pop.b.test"] }),
    ]);
    project = await StackProject.create(requireEngine());
  });
  afterAll(async () => {
    await Promise.all([mx1?.stop(), mx2?.stop(), ssh?.stop()]);
    project?.remove();
  });

  function hosts(stack: TerraformStack, canary: Declared["canary"]): MailHost[] {
    const of = (server: Dovecot, id: string) => ({
      ownership: Ownership.APPLY,
      stateDirectory: `${server.directory}/ledger`,
      services: [dovecotService(server)],
      canary: canary === id,
    });
    const { address, identityFile, hostKey } = ssh;
    const sshConfigFile = ssh.file("ssh_config", "");
    const reached = { address, identityFile, sshConfigFile, hostKeys: [hostKey] };
    return [
      MailHost.local(stack, "mx1", of(mx1, "mx1")),
      MailHost.ssh(stack, "mx2", { ...of(mx2, "mx2"), ...reached }),
    ];
  }

  function declare({ canary, ca, domains = DOMAINS }: Declared): void {
    project.synth((stack) => {
      const issuer = new PrivateCa(stack, ca);
      const sni = new MailSni(stack, "sni", {
        hosts: hosts(stack, canary),
        issuer,
        defaultDomain: "a.test",
        names: HostNames.subdomains("imap", "pop"),
      });
      const fingerprints = domains.flatMap((domain) => {
        const { certificate } = sni.addDomain(domain);
        return certificate instanceof PrivateCertificate ? [[domain, certificate.fingerprintSha256]] : [];
      });
      new TerraformOutput(stack, "fingerprints", { value: Object.fromEntries(fingerprints) });
    });
  }

  async function attempt(declared: Declared): Promise<EngineReport> {
    declare(declared);
    return project.apply();
  }

  async function deploy(declared: Declared): Promise<EngineReport> {
    const report = await attempt(declared);
    expect(report.errors).toEqual([]);
    return report;
  }

  const issued = async () => (await project.outputs()).fingerprints as Readonly<Record<string, string>>;

  /** SHA-256 of the leaf for a domain's name at the port of IMAP over TLS. */
  async function served({ ports }: Dovecot, domain: Domain): Promise<string> {
    const { leaf } = await presentedCertificate({
      endpoint: { host: "127.0.0.1", port: ports.imaps },
      protocol: "tls",
      serverName: `imap.${domain}`,
      deadlineMs: 10_000,
    });
    return leaf.fingerprintSha256;
  }

  /** Dovecot turns away those who connect just when a reload replaces its processes. */
  async function serves(server: Dovecot, domain: Domain, fingerprint: string | undefined): Promise<void> {
    await vi.waitFor(async () => expect(await served(server, domain)).toBe(fingerprint), 10_000);
  }

  /** A block that counts for POP3 alone: neither `doveconf -n` nor a handshake at the port of IMAP shows it. */
  async function overridePop(isThere: boolean): Promise<void> {
    mx1.write("foreign.pem", combinedPem(foreign));
    const file = `<${mx1.directory}/foreign.pem`;
    const block = `local_name pop.b.test {\n  protocol pop3 {\n    ssl_cert = ${file}\n    ssl_key = ${file}\n  }\n}\n`;
    mx1.write("conf.d/20-foreign.conf", isThere ? block : "");
    await mx1.reload();
  }

  const pemOf = (server: Dovecot, domain: Domain) => statSync(server.path(`mail-sni/${domain}.pem`));
  const files = (domain: Domain, host: string) => `mailsni_host_files.d_${domain.replace(".", "_")}__${host}`;

  it("THEN each certificate is confirmed on it before the other host gets it", async () => {
    const { output } = await deploy({ canary: "mx1", ca: "first" });
    for (const domain of DOMAINS) {
      const done = output.indexOf(`${files(domain, "mx1")}: Creation complete`);
      const begun = output.indexOf(`${files(domain, "mx2")}: Creating...`);
      expect(done).toBeGreaterThan(-1);
      expect(begun).toBeGreaterThan(done);
      expect(pemOf(mx2, domain).ctimeMs).toBeGreaterThan(pemOf(mx1, domain).ctimeMs);
      await serves(mx1, domain, (await issued())[domain]);
      await serves(mx2, domain, (await issued())[domain]);
    }
  });

  it("GIVEN the mark is removed, or moved THEN a plan has no changes", async () => {
    for (const canary of [undefined, "mx2", "mx1"] as const) {
      declare({ canary, ca: "first" });
      const { exitCode, output } = await project.plan();
      expect(exitCode, output).toBe(0);
    }
  });

  describe("that cannot serve one name at one port", () => {
    let before: Readonly<Record<string, string>>;
    let report: EngineReport;
    beforeAll(async () => {
      before = await issued();
      await overridePop(true);
      report = await attempt({ canary: "mx1", ca: "second" });
    });

    it("THEN the message names both, and says that other hosts wait", () => {
      expect(report.exitCode).toBe(1);
      expect(report.errors).toHaveLength(1);
      const [error] = report.errorsOf(files("b.test", "mx1"));
      expect(error).toContain("dovecot does not serve the new certificate for pop.b.test");
      expect(error).toContain(`127.0.0.1:${mx1.ports.pop3s}`);
      expect(error).toContain(`pop.b.test on 127.0.0.1:${mx1.ports.pop3}`);
      expect(error).toContain(
        'Host "mx1" is a canary: this change is held back from the hosts that wait for it',
      );
    });

    it("THEN the certificate is untouched on the other host, and the other certificate is new on both", async () => {
      const now = await issued();
      expect(now["b.test"]).not.toBe(before["b.test"]);
      await serves(mx1, "b.test", before["b.test"]);
      await serves(mx2, "b.test", before["b.test"]);
      await serves(mx1, "a.test", now["a.test"]);
      await serves(mx2, "a.test", now["a.test"]);
    });

    it("THEN the next apply tries the same again, on the canary first", async () => {
      const { changes, errors } = await project.apply();
      expect(changes).toEqual({ [files("b.test", "mx1")]: "update", [files("b.test", "mx2")]: "update" });
      expect(errors).toHaveLength(1);
      await serves(mx2, "b.test", before["b.test"]);
    });

    it("GIVEN the mark is removed THEN the other host goes on", async () => {
      await deploy({ ca: "second" });
      await serves(mx2, "b.test", (await issued())["b.test"]);
    });

    it("GIVEN the fault is repaired, and the mark set again THEN everything goes through", async () => {
      await overridePop(false);
      await deploy({ canary: "mx1", ca: "third" });
      for (const server of [mx1, mx2]) await serves(server, "b.test", (await issued())["b.test"]);
      expect((await project.plan()).exitCode).toBe(0);
    });
  });

  it("GIVEN another canary, and a domain that is removed at the same time THEN it is removed from both", async () => {
    await deploy({ canary: "mx2", ca: "third", domains: ["a.test"] });
    for (const server of [mx1, mx2]) expect(() => pemOf(server, "b.test")).toThrow("ENOENT");
    expect((await project.destroy()).exitCode).toBe(0);
  });
});
