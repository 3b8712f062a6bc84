import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { AcmeIssuer, Certificate, Challenge, HostNames } from "../../../lib";
import { dovecotHost } from "../../e2e/served/dovecot-host";
import { type Domains, ServedHost } from "../../e2e/served/served-host";
import { type IssuedCertificate, issue } from "../../support/certificates";
import { Dovecot } from "../../support/dovecot";
import { engineUnderTest, requireEngine } from "../../support/engine-under-test";
import { Pebble } from "../../support/pebble";
import { describeIf, dovecot23, pebble as pebbleIsThere } from "../../support/requirements";

// Each test runs a real engine several times.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

const FIRST = "first+passphrase/of the test";
const SECOND = "second+passphrase/of the test";
/** Of a key that a user gives: it has nothing to do with those. */
const OWN = "short";
/** What Dovecot says of a reload. */
const RELOAD = /SIGHUP received - reloading configuration/g;
/** What a plan asks the CA beside renewal times: its directory, and whether the account is open. */
const BY_EVERY_PLAN = ["GET /dir", "HEAD /nonce-plz", "POST /my-account/"];
const imap = HostNames.subdomains("imap");
const TWO: Domains = { "d1.test": { names: imap }, "d2.test": { names: imap } };
const ISSUED = ["mailsni_acme_certificate.c_d1_test", "mailsni_acme_certificate.c_d2_test"];
/** All that has a key; the suite's stacks have another CA for certificates that some of them want. */
const KEPT = [...ISSUED, "mailsni_acme_account.acme_pebble", "mailsni_private_ca.ca_rsa"].sort();

describeIf(
  [dovecot23, engineUnderTest, pebbleIsThere],
  "a Dovecot, with keys that are encrypted in the state",
  () => {
    let server: Dovecot;
    let pebble: Pebble;
    let mail: ServedHost;
    let own: IssuedCertificate;
    let ownKey: string;

    beforeAll(async () => {
      [server, pebble] = await Promise.all([Dovecot.start(), Pebble.start()]);
      mail = await ServedHost.create({
        engine: requireEngine(),
        host: dovecotHost(server),
        issuer: (stack) =>
          AcmeIssuer.directory(stack, "pebble", pebble.directoryUrl, {
            challenge: Challenge.httpWebroot(pebble.web.directory, { dnsServers: [pebble.dnsServer] }),
            caCertificate: pebble.directoryCaPem,
          }),
      });
      own = await issue({ dnsNames: ["imap.own.test"] });
      const secret = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: OWN } as const;
      ownKey = `${createPrivateKey(own.keyPem).export(secret)}`;
    });
    afterAll(async () => {
      await server?.stop();
      await pebble?.stop();
      mail?.project.remove();
    });

    const environment = (current?: string, former?: string) => ({
      env: {
        ...(current !== undefined && { MAIL_SNI_KEY_PASSPHRASE: current, MAIL_SNI_OWN_KEY_PASSPHRASE: OWN }),
        ...(former !== undefined && { MAIL_SNI_KEY_PASSPHRASE_OLD: former }),
      },
    });
    const THREE = (): Domains => ({
      ...TWO,
      "own.test": {
        names: imap,
        certificate: () => Certificate.fromPem({ privateKey: ownKey, certificate: own.pem }),
      },
    });
    const state = () => readFileSync(join(mail.project.directory, "terraform.tfstate"), "utf8");
    const fingerprints = () =>
      Promise.all(["imap.d1.test", "imap.d2.test"].map((name) => mail.fingerprint(name)));
    const reloads = () => [...readFileSync(server.path("dovecot.log"), "utf8").matchAll(RELOAD)].length;
    const asked = () =>
      [...pebble.requests.keys()].filter(
        (what) => !what.includes("renewalInfo") && !BY_EVERY_PLAN.includes(what),
      );

    it("GIVEN a passphrase THEN no key is in the state, and every name is served, of a PEM of one's own too", async () => {
      await mail.deploy(THREE(), environment(FIRST));
      expect(state().match(/BEGIN ENCRYPTED PRIVATE KEY/g)).toHaveLength(KEPT.length);
      expect(state()).not.toContain("BEGIN PRIVATE KEY");
      expect(await mail.presented(["imap.d1.test", "imap.d2.test"])).toEqual({
        "imap.d1.test": "d1.test",
        "imap.d2.test": "d2.test",
      });
      expect(await mail.fingerprint("imap.own.test")).toBe(own.fingerprint);
    });

    it("GIVEN no passphrase THEN the plan is empty, and nothing is ordered", async () => {
      pebble.forgetRequests();
      const report = await mail.project.plan(environment());
      expect(report.messages).toEqual([]);
      expect(report.exitCode).toBe(0);
      expect(asked()).toEqual([]);
    });

    it("WHEN the passphrase is changed THEN no certificate changes, nothing is ordered, and Dovecot is not reloaded", async () => {
      const [before, reloadsBefore] = [await fingerprints(), reloads()];
      pebble.forgetRequests();
      const { result, seen } = await mail.watch("imap.d2.test", () =>
        mail.deploy(THREE(), environment(SECOND, FIRST)),
      );
      expect(result.changes).toEqual(Object.fromEntries(KEPT.map((address) => [address, "update"])));
      expect([...seen]).toEqual(["d2.test"]);
      expect(asked()).toEqual([]);
      expect(await fingerprints()).toEqual(before);
      expect(reloads()).toBe(reloadsBefore);
      for (const passphrases of [environment(SECOND, FIRST), environment(SECOND), environment()]) {
        expect((await mail.project.plan(passphrases)).exitCode).toBe(0);
      }
    });

    it("GIVEN no passphrase, or the former one WHEN a name is wanted THEN nothing is ordered, and all are served on", async () => {
      const before = await fingerprints();
      const wanted = { ...THREE(), "d1.test": { names: HostNames.subdomains("imap", "smtp") } };
      pebble.forgetRequests();
      const without = await mail.attempt(wanted, environment());
      expect(without.errorsOf("mailsni_acme_certificate.c_d1_test").join()).toContain("[KEY_ENCRYPTED]");
      const former = await mail.attempt(wanted, environment(FIRST));
      expect(former.errorsOf("mailsni_acme_account.acme_pebble").join()).toContain("[KEY_PASSPHRASE_WRONG]");
      expect(asked()).toEqual([]);
      expect(await fingerprints()).toEqual(before);
    });

    it("WHEN it is there THEN the name is ordered with the account's key, and served", async () => {
      const wanted = { ...THREE(), "d1.test": { names: HostNames.subdomains("imap", "smtp") } };
      const before = reloads();
      const report = await mail.deploy(wanted, environment(SECOND));
      expect(reloads()).toBeGreaterThan(before);
      expect(report.changes).toEqual({
        "mailsni_acme_certificate.c_d1_test": "update",
        "mailsni_host_files.d_d1_test__mx1": "update",
        "mailsni_host_files.default__mx1": "update",
      });
      expect(await mail.presented(["smtp.d1.test", "imap.d2.test"])).toEqual({
        "smtp.d1.test": "d1.test",
        "imap.d2.test": "d2.test",
      });
      expect(state()).not.toContain("BEGIN PRIVATE KEY");
      expect((await mail.project.plan(environment())).exitCode).toBe(0);
    });
  },
);
