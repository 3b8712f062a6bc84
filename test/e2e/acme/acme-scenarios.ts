import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { HostNames } from "../../../lib";
import type { Pebble } from "../../support/pebble";
import { describeIf } from "../../support/requirements";
import type { Domains, ServedHost } from "../served/served-host";
import { type AcmeCircumstances, AcmeMail, needsOf } from "./acme-mail";
import { dovecotServer } from "./mail-servers";

const certificate = (number: number) => `mailsni_acme_certificate.c_d${number}_test`;
const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const TEN: Domains = Object.fromEntries(numbers.map((number) => [`d${number}.test`, {}]));

/** What comes of a day's work: orders, changes, renewals and failures, by what the mail server presents. */
export function acmeScenarios(circumstances: AcmeCircumstances = {}): void {
  const { server = dovecotServer() } = circumstances;
  describeIf(needsOf(circumstances), `a ${server.name} with certificates of an ACME CA`, () => {
    // Each test runs a real engine several times.
    vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
    let acme: AcmeMail;
    let pebble: Pebble;
    let mail: ServedHost;

    beforeAll(async () => {
      acme = await AcmeMail.start(circumstances);
      ({ pebble, mail } = acme);
    });
    afterEach(() => pebble.gate.reopen());
    afterAll(() => acme?.stop());

    it("GIVEN one domain of ten whose DNS leads elsewhere THEN it fails with what to do, and the other nine are served", async () => {
      for (const label of ["", "mail.", "imap.", "pop3.", "pop.", "smtp."]) {
        await pebble.setDns(`${label}d4.test`, { type: "a", addresses: ["127.0.0.1"] });
      }
      const run = await mail.attempt(TEN);
      expect(run.exitCode).toBe(1);
      expect(run.errors).toHaveLength(1);
      expect(run.errorsOf(certificate(4)).join()).toMatch(
        /No certificate for d4\.test: .*imap\.d4\.test.*port 80.*The CA was not asked/,
      );
      const served = Object.fromEntries(
        numbers.flatMap((number) => {
          const owner = `d${number === 4 ? 1 : number}.test`;
          return [`imap.d${number}.test`, `d${number}.test`].map((name) => [name, owner]);
        }),
      );
      expect(await acme.presented(Object.keys(served))).toEqual(served);
      expect(pebble.web.tokens).toEqual([]);
    });

    it("WHEN its DNS is fixed THEN the next apply serves it, and nothing else changes", async () => {
      for (const label of ["", "mail.", "imap.", "pop3.", "pop.", "smtp."]) {
        await pebble.setDns(`${label}d4.test`, { type: "a", addresses: [pebble.web.address] });
      }
      const run = await mail.deploy(TEN);
      expect(run.changes).toEqual({
        [certificate(4)]: "create",
        "mailsni_host_files.d_d4_test__mx1": "create",
      });
      await acme.expectAllServed();
    });

    it("THEN nothing is left to be done, and the CA is asked for renewal times and the state of the account alone", async () => {
      pebble.forgetRequests();
      expect((await mail.project.plan()).exitCode).toBe(0);
      expect(acme.asked).toEqual([]);
      expect(pebble.requests.get("GET /draft-ietf-acme-ari-03/renewalInfo/")).toBe(10);
    });

    it("WHEN a name is added THEN the certificate changes in place, and one is presented at every moment", async () => {
      const names = HostNames.core().plus(HostNames.subdomains("sieve"));
      const { result, seen } = await mail.watch("imap.d2.test", () =>
        mail.deploy({ ...TEN, "d2.test": { names } }),
      );
      expect(result.changes).toEqual({
        [certificate(2)]: "update",
        "mailsni_host_files.d_d2_test__mx1": "update",
      });
      // One that is new belongs to nobody until the apply has ended; a failed handshake and the default would have names.
      expect([...seen].filter((owner) => !owner.includes("d2.test") && owner !== "")).toEqual([]);
      expect(await mail.presented(["sieve.d2.test", "imap.d2.test"])).toEqual({
        "sieve.d2.test": "d2.test",
        "imap.d2.test": "d2.test",
      });
    });

    it("WHEN a name is taken out THEN the certificate is without it, and who asks for it is presented the default", async () => {
      const run = await mail.deploy(TEN);
      expect(run.changes).toEqual({
        [certificate(2)]: "update",
        "mailsni_host_files.d_d2_test__mx1": "update",
      });
      expect(acme.leafOf("d2.test").subjectAltName).not.toContain("sieve");
      expect(await mail.presented(["sieve.d2.test", "imap.d2.test"])).toEqual({
        "sieve.d2.test": "d1.test",
        "imap.d2.test": "d2.test",
      });
    });

    it("WHEN the CA wants one renewed THEN that one and its files change, and it replaces the earlier one", async () => {
      pebble.forgetRequests();
      await acme.suggestRenewal("d3.test");
      const run = await mail.deploy(TEN);
      expect(run.changes).toEqual({
        [certificate(3)]: "update",
        "mailsni_host_files.d_d3_test__mx1": "update",
      });
      expect(pebble.log).toContain("has been marked as replaced");
      expect(await mail.presented(["imap.d3.test"])).toEqual({ "imap.d3.test": "d3.test" });
      expect((await mail.project.plan()).exitCode).toBe(0);
    });

    it("WHEN the CA is away THEN a renewal is a warning, a first order fails alone, and all are served on", async () => {
      await acme.suggestRenewal("d5.test");
      const before = await mail.fingerprint("imap.d5.test");
      await mail.project.refresh();
      await pebble.gate.shut();
      const run = await mail.attempt({ ...TEN, "new.test": {} });
      expect(run.exitCode).toBe(1);
      expect(run.errorsOf("mailsni_acme_certificate.c_new_test").join()).toContain("cannot be reached");
      expect(run.errors).toHaveLength(1);
      const warnings = run.messages.filter(({ severity }) => severity === "Warning").map(({ text }) => text);
      expect(warnings.join()).toMatch(/The certificate for d5\.test was not renewed.*stays in use/);
      expect(await mail.fingerprint("imap.d5.test")).toBe(before);
      await pebble.gate.reopen();
      const again = await mail.deploy({ ...TEN, "new.test": {} });
      expect(again.changes).toMatchObject({
        [certificate(5)]: "update",
        "mailsni_acme_certificate.c_new_test": "create",
      });
      expect(await mail.presented(["imap.new.test", "imap.d5.test"])).toEqual({
        "imap.new.test": "new.test",
        "imap.d5.test": "d5.test",
      });
    });

    it("WHEN the CA goes away in the middle of an order THEN nothing is left behind, and the next apply succeeds", async () => {
      const domains = { ...TEN, "mid.test": { names: HostNames.subdomains("imap") } };
      mail.declare(domains);
      const isLookedAt = () => pebble.web.requests.some((url) => url.startsWith("imap.mid.test/"));
      const running = mail.project.startApply();
      await vi.waitUntil(isLookedAt, { timeout: 60_000, interval: 5 });
      await pebble.gate.shut();
      const run = await running;
      expect(run.errorsOf("mailsni_acme_certificate.c_mid_test")).toHaveLength(1);
      expect(pebble.web.tokens).toEqual([]);
      await pebble.gate.reopen();
      await mail.deploy(domains);
      expect(await mail.presented(["imap.mid.test"])).toEqual({ "imap.mid.test": "mid.test" });
    });

    it("THEN no key is printed or logged, at any log level", async () => {
      const run = await mail.attempt(
        { ...TEN, "logged.test": { names: HostNames.subdomains("imap") } },
        { env: { TF_LOG: "trace" } },
      );
      expect(run.exitCode).toBe(0);
      const keys = [...acme.stateText.matchAll(/BEGIN PRIVATE KEY-----\\n(.+?)\\n(.+?)\\n/g)];
      // Before its middle a key on P-256 says its kind alone.
      const secrets = keys.flatMap(([, first, second]) => [
        first?.slice(48),
        second?.slice(0, 16),
      ]) as string[];
      expect(secrets.length).toBeGreaterThan(20);
      expect(run.output.length).toBeGreaterThan(100_000);
      expect(secrets.filter((secret) => run.output.includes(secret))).toEqual([]);
      expect(existsSync(join(pebble.web.directory, ".well-known"))).toBe(true);
    });
  });
}
