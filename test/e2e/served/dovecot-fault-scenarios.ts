import { existsSync } from "node:fs";
import type { TerraformStack } from "cdktf";
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { Certificate, HostNames } from "../../../lib";
import { combinedPem, type IssuedCertificate, issue } from "../../support/certificates";
import { certificateLines, Dovecot } from "../../support/dovecot";
import type { DovecotVersion } from "../../support/dovecot-installation";
import type { EngineReport } from "../../support/engine-report";
import { dovecot23, dovecot24 } from "../../support/machine";
import { killAll } from "../../support/processes";
import { describeIf } from "../../support/requirements";
import { dovecotHost } from "./dovecot-host";
import { type Circumstances, engineOfSuites } from "./engine-choice";
import { pemKnownAfterApply, sensitiveVariable } from "./expressions";
import { locally, type Reached } from "./reach";
import { ReloadGate } from "./reload-gate";
import { type Domains, NO_NAME, ServedHost } from "./served-host";

const DOMAINS = { "domain1.tld": {}, "domain2.tld": {} };
/** Has the certificate of `domain2.tld` reissued, for one more name. */
const REISSUED = {
  ...DOMAINS,
  "domain2.tld": { names: HostNames.core().plus(HostNames.subdomains("sieve")) },
};
/** Has it reissued in a way of which the host gets nothing but the PEM. */
const REKEYED: Domains = { ...DOMAINS, "domain2.tld": { issuer: "rsa" } };
const SERVED = {
  [NO_NAME]: "domain1.tld",
  "imap.domain1.tld": "domain1.tld",
  "imap.domain2.tld": "domain2.tld",
};

/** What a Dovecot presents that a stack configures, when something is broken. */
export function dovecotFaultScenarios(
  version: DovecotVersion,
  { engine = engineOfSuites, reach = locally, variants = true }: Circumstances = {},
): void {
  const dovecot = version === "2.3" ? dovecot23 : dovecot24;
  const needs = [dovecot, engine.requirement, ...reach.requirements];
  describeIf(needs, `Dovecot ${version} that a stack configures (${reach.name}), and a fault`, () => {
    let server: Dovecot;
    let reached: Reached;
    let gate: ReloadGate;
    let mail: ServedHost;
    let first: IssuedCertificate;
    let second: IssuedCertificate;

    beforeAll(async () => {
      server = await Dovecot.start({ version });
      reached = await reach.start();
      gate = new ReloadGate(server);
      mail = await ServedHost.create({
        engine: engine.get(),
        host: dovecotHost(server, reached, gate.command),
      });
      first = await issue({ subject: "CN=first", dnsNames: ["pem.test"] });
      second = await issue({ subject: "CN=second", dnsNames: ["pem.test"] });
    });

    afterAll(async () => {
      await server?.stop();
      await reached?.stop();
      mail?.project.remove();
    });

    /** A file of the administrator's, until the end of the test. */
    function foreignFile(name: string, text: string): void {
      server.write(name, text);
      onTestFinished(() => server.remove(name));
    }

    it("GIVEN a key of another certificate WHEN an apply learns of it THEN that domain keeps its certificate, and all others get theirs", async () => {
      await mail.deploy({ ...DOMAINS, "pem.test": pemKnownAfterApply(first, first) });
      const run = await mail.attempt({ ...REISSUED, "pem.test": pemKnownAfterApply(second, first) });
      expect(run.exitCode).toBe(1);
      expect(run.errors).toEqual([expect.stringMatching(/pem\.test.*private key/)]);
      expect(run.errorsOf("mailsni_host_files.d_pem_test__mx1")).toEqual(run.errors);
      const expected = { ...SERVED, "sieve.domain2.tld": "domain2.tld", "pem.test": "CN=first" };
      expect(await mail.presented(Object.keys(expected))).toEqual(expected);
      await mail.deploy({ ...REISSUED, "pem.test": pemKnownAfterApply(second, second) });
      expect(await mail.presented(["pem.test"])).toEqual({ "pem.test": "CN=second" });
    });

    it("GIVEN a block that comes later and takes a name WHEN planned THEN the plan shows it, an apply fails with its place, and a renewal arrives all the same", async () => {
      await mail.deploy(DOMAINS);
      const blocks = `conf.d/${version === "2.3" ? "01-own.conf" : "zz-own.conf"}`;
      const own = `${server.directory}/private/own.pem`;
      server.write("private/own.pem", combinedPem(first));
      foreignFile(blocks, `local_name *.domain2.tld {\n${certificateLines(version, own)}}\n`);

      const plan = await mail.project.plan();
      expect(plan.changes).toEqual({ "mailsni_host_files.d_domain2_tld__mx1": "update" });
      expect(plan.output).toMatch(
        new RegExp(`domain2\\.tld get the certificate in ${own} instead of .*\\(.*${blocks}:1\\)`),
      );

      const run = await mail.attempt(REKEYED);
      expect(run.errors).toEqual([expect.stringContaining("is overridden by another block")]);
      expect(run.errors[0]).toContain(`${blocks}:1`);
      // The domain itself is not below the wildcard.
      expect(await mail.presented(["domain2.tld", "imap.domain1.tld"])).toEqual({
        "domain2.tld": "domain2.tld",
        "imap.domain1.tld": "domain1.tld",
      });

      server.remove(blocks);
      await server.reload();
      // A reload has begun by now, not ended: a plan may still see what was presented before.
      await vi.waitFor(async () => expect(await mail.presented(Object.keys(SERVED))).toEqual(SERVED), 10_000);
      // What is left to do is the output, which an apply leaves as it was when one of its resources has failed.
      expect((await mail.project.plan()).changes).toEqual({});
      expect((await mail.apply()).exitCode).toBe(0);
      expect((await mail.project.plan()).exitCode).toBe(0);
    });

    it("GIVEN a provider that is killed between swap and activation THEN the next plan is not empty, and its apply activates", async () => {
      await mail.deploy(DOMAINS);
      const before = await mail.fingerprint("imap.domain2.tld");
      gate.close();
      onTestFinished(() => gate.open());
      mail.declare(REKEYED);
      const applying = mail.project.startApply();
      await gate.waiting();
      killAll(mail.project.providers);
      gate.open();
      expect((await applying).exitCode).toBe(1);
      expect(await mail.fingerprint("imap.domain2.tld")).toBe(before);
      expect((await mail.project.plan()).changes).toMatchObject({
        "mailsni_host_files.d_domain2_tld__mx1": "update",
      });
      expect((await mail.apply()).exitCode).toBe(0);
      expect(await mail.presented(Object.keys(SERVED))).toEqual(SERVED);
      expect((await mail.project.plan()).exitCode).toBe(0);
    });

    if (!variants) return;

    it("GIVEN a default that OpenSSL refuses WHEN applied THEN it is not installed, and all clients are still served", async () => {
      const ca = await issue({ subject: "CN=CA", ca: true });
      const weak = await issue({ subject: "CN=weak", dnsNames: ["pem.test"], issuer: ca, digest: "SHA-1" });
      const domains = (certificate: IssuedCertificate): Domains => ({
        "pem.test": pemKnownAfterApply(certificate, certificate),
        ...DOMAINS,
      });
      await mail.deploy(domains(first));
      const run = await mail.attempt({ ...domains(weak), "new.test": {} });
      expect(run.errors).toHaveLength(2);
      for (const error of run.errors) expect(error).toMatch(/certificate 1 of 1 \(CN=weak\) uses SHA-1/);
      const expected = {
        [NO_NAME]: "CN=first",
        "pem.test": "CN=first",
        "imap.domain2.tld": "domain2.tld",
        "imap.new.test": "new.test",
      };
      expect(await mail.presented(Object.keys(expected))).toEqual(expected);
    });

    it("GIVEN a sensitive key of another certificate WHEN a plan sees it THEN it says so without showing it, and nothing changes", async () => {
      const domains = {
        ...DOMAINS,
        "pem.test": {
          names: HostNames.of("pem.test"),
          certificate: (stack: TerraformStack) =>
            Certificate.fromPem({ certificate: first.pem, privateKey: sensitiveVariable(stack, "key") }),
        },
      };
      const withKey = ({ keyPem }: IssuedCertificate) => ({ env: { TF_VAR_key: keyPem } });
      await mail.deploy(domains, withKey(first));
      const run = await mail.attempt(domains, withKey(second));
      expect(run.exitCode).toBe(1);
      expect(run.errors).toEqual([expect.stringMatching(/pem\.test.*private key/)]);
      expect(run.output).not.toContain(second.keyPem.split("\n")[1]);
      const expected = { ...SERVED, "pem.test": "CN=first" };
      expect(await mail.presented(Object.keys(expected))).toEqual(expected);
    });

    it("GIVEN a block of the administrator's that takes a name WHEN applied THEN the error names the certificate that would win, and file and line of the block", async () => {
      await mail.deploy(DOMAINS);
      const blocks = `conf.d/${version === "2.3" ? "01-own.conf" : "zz-own.conf"}`;
      const own = `${server.directory}/private/own.pem`;
      server.write("private/own.pem", combinedPem(first));
      foreignFile(
        blocks,
        `\n# imap.taken.test\nlocal_name imap.taken.test {\n${certificateLines(version, own)}}\n`,
      );
      const run = await mail.attempt({ ...REISSUED, "taken.test": {} });
      expect(run.errors).toEqual([expect.stringContaining("imap.taken.test")]);
      expect(run.errors[0]).toContain(own);
      expect(run.errors[0]).toContain(`(${server.directory}/${blocks}:3)`);
      expect(run.errorsOf("mailsni_host_files.d_taken_test__mx1")).toEqual(run.errors);
      const expected = { ...SERVED, "sieve.domain2.tld": "domain2.tld" };
      expect(await mail.presented(Object.keys(expected))).toEqual(expected);
      server.remove(blocks);
      await mail.apply();
      expect(await mail.presented(["taken.test", "imap.taken.test"])).toEqual({
        "taken.test": "taken.test",
        "imap.taken.test": "taken.test",
      });
    });

    it("GIVEN a file that comes later and names another default WHEN planned THEN the plan shows it, and an apply fails with its place", async () => {
      await mail.deploy(DOMAINS);
      const own = `${server.directory}/private/own.pem`;
      server.write("private/own.pem", combinedPem(first));
      foreignFile("conf.d/zz-own.conf", certificateLines(version, own));

      const plan = await mail.project.plan();
      expect(plan.changes).toEqual({ "mailsni_host_files.default__mx1": "update" });
      expect(plan.output).toContain(`clients without SNI get the certificate in ${own} instead of that in`);

      const run = await mail.apply();
      expect(run.errors).toEqual([
        expect.stringContaining("The default certificate of dovecot is overridden"),
      ]);
      expect(run.errors[0]).toContain(`(${server.directory}/conf.d/zz-own.conf:1)`);

      server.remove("conf.d/zz-own.conf");
      await mail.apply();
      expect((await mail.project.plan()).exitCode).toBe(0);
      expect(await mail.presented(Object.keys(SERVED))).toEqual(SERVED);
    });

    it("GIVEN blocks of the administrator's that lose WHEN applied THEN each name has its own certificate, and theirs what is left", async () => {
      const own = `${server.directory}/private/own.pem`;
      const names = ["*.domain2.tld", "single.test"];
      const blocks = names.map((name) => `local_name ${name} {\n${certificateLines(version, own)}}\n`);
      server.write("private/own.pem", combinedPem(first));
      foreignFile("conf.d/20-own.conf", blocks.join(""));
      await mail.deploy({ ...REISSUED, "single.test": { names: HostNames.of("single.test") } });
      expect((await mail.project.plan()).exitCode).toBe(0);
      const expected = {
        ...SERVED,
        "sieve.domain2.tld": "domain2.tld",
        "single.test": "single.test",
        "other.domain2.tld": "CN=first",
      };
      expect(await mail.presented(Object.keys(expected))).toEqual(expected);
    });

    it("GIVEN a syntax error of the administrator's WHEN applied THEN it is reported as such, and once it is fixed the next apply activates", async () => {
      await mail.deploy(DOMAINS);
      foreignFile("conf.d/20-own.conf", "this is no setting\n");
      const run = await mail.deploy({ ...REKEYED, "new.test": {} });
      expect(warnings(run)).toContainEqual(expect.stringMatching(/was already broken.*20-own\.conf/));
      expect(await mail.presented(["imap.domain1.tld", NO_NAME, "imap.new.test"])).toEqual({
        "imap.domain1.tld": "domain1.tld",
        [NO_NAME]: "domain1.tld",
        "imap.new.test": "domain1.tld",
      });
      expect((await mail.project.plan()).changes).toMatchObject({
        "mailsni_host_files.d_domain2_tld__mx1": "update",
        "mailsni_host_files.d_new_test__mx1": "update",
      });
      server.remove("conf.d/20-own.conf");
      await mail.apply();
      const expected = { ...SERVED, "imap.new.test": "new.test" };
      expect(await mail.presented(Object.keys(expected))).toEqual(expected);
      expect((await mail.project.plan()).exitCode).toBe(0);
    });

    it("GIVEN a Dovecot that is stopped WHEN applied THEN it says so, and what was declared is presented after its start", async () => {
      await mail.deploy(DOMAINS);
      await server.halt();
      const run = await mail.deploy({ ...REISSUED, "new.test": {} });
      expect(warnings(run)).toContainEqual(expect.stringMatching(/dovecot is not running/i));
      expect(existsSync(server.path("mail-sni/new.test.pem"))).toBe(true);
      await server.restart();
      const expected = { ...SERVED, "sieve.domain2.tld": "domain2.tld", "imap.new.test": "new.test" };
      expect(await mail.presented(Object.keys(expected))).toEqual(expected);
      expect((await mail.project.plan()).exitCode).toBe(0);
    });
  });

  if (!variants) return;

  describeIf(needs, `Dovecot ${version} without a certificate of its own (${reach.name})`, () => {
    it("GIVEN a default that cannot be used WHEN applied THEN the others are presented theirs, and unknown names a placeholder", async () => {
      const server = await Dovecot.start({ version, globalCertificate: null });
      onTestFinished(() => server.stop());
      const reached = await reach.start();
      onTestFinished(() => reached.stop());
      const mail = await ServedHost.create({ engine: engine.get(), host: dovecotHost(server, reached) });
      onTestFinished(() => mail.project.remove());
      const [own, other] = [await issue({ subject: "CN=own", dnsNames: ["pem.test"] }), await issue()];
      const domains = (key: IssuedCertificate) => ({
        "pem.test": pemKnownAfterApply(own, key),
        "domain2.tld": {},
      });
      expect((await mail.attempt(domains(other))).exitCode).toBe(1);
      expect(await mail.presented([NO_NAME, "imap.domain2.tld"])).toEqual({
        [NO_NAME]: "CN=placeholder.mail-sni.invalid",
        "imap.domain2.tld": "domain2.tld",
      });
      await mail.deploy(domains(own));
      expect(await mail.presented([NO_NAME, "pem.test", "imap.domain2.tld"])).toEqual({
        [NO_NAME]: "CN=own",
        "pem.test": "CN=own",
        "imap.domain2.tld": "domain2.tld",
      });
      expect((await mail.project.plan()).exitCode).toBe(0);
    });
  });
}

function warnings({ messages }: EngineReport): string[] {
  return messages.filter(({ severity }) => severity === "Warning").map(({ text }) => text);
}
