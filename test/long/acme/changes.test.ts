import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from "vitest";
import { HostNames, KeyAlgorithm } from "../../../lib";
import { AcmeMail, needsOf } from "../../e2e/acme/acme-mail";
import { AcmeProxy } from "../../support/acme-proxy";
import { describeIf } from "../../support/requirements";

const DOMAINS = { "d1.test": {}, "d2.test": {}, "d3.test": {} };
const NAMES = { names: HostNames.subdomains("imap", "smtp") };

describeIf(needsOf(), "what a stack declares of certificates of an ACME CA, changed", () => {
  let acme: AcmeMail;

  beforeAll(async () => {
    acme = await AcmeMail.start();
    for (const name of ["pop.d2.test", "pop3.d3.test"]) {
      await acme.pebble.setDns(name, { type: "a", addresses: ["127.0.0.1"] });
    }
    await acme.mail.deploy(DOMAINS);
  });
  afterEach(async () => {
    await acme.expectAllServed();
    expect(acme.pebble.web.tokens).toEqual([]);
  });
  afterAll(() => acme?.stop());

  const namesOf = (domain: string) => acme.certificates.get(domain)?.dns_names;
  const fingerprints = () =>
    [...acme.certificates].map(([domain, state]) => [domain, state.fingerprint_sha256]);
  const update = (...domains: readonly string[]) =>
    Object.fromEntries(
      domains.flatMap((domain) => {
        const id = domain.replace(".", "_");
        return [
          [`mailsni_acme_certificate.c_${id}`, "update"],
          [`mailsni_host_files.d_${id}__mx1`, "update"],
        ];
      }),
    );

  it("GIVEN optional names that lead elsewhere THEN certificates are without them, the host presents them all the same, and nothing is left to do", async () => {
    expect(namesOf("d2.test")).not.toContain("pop.d2.test");
    expect(namesOf("d3.test")).not.toContain("pop3.d3.test");
    expect(namesOf("d2.test")).toContain("pop3.d2.test");
    expect(await acme.presented(["pop.d2.test"])).toEqual({ "pop.d2.test": "d2.test" });
    expect((await acme.mail.project.plan()).exitCode).toBe(0);
  });

  it("WHEN one is made to lead to the host THEN the next apply has it in the certificate, in place, and touches nothing else", async () => {
    await acme.pebble.setDns("pop.d2.test", { type: "a", addresses: [acme.pebble.web.address] });
    const run = await acme.mail.deploy(DOMAINS);
    expect(run.changes).toEqual(update("d2.test"));
    expect(acme.leafOf("d2.test").subjectAltName).toContain("DNS:pop.d2.test");
    expect(await acme.presented(["pop.d2.test"])).toEqual({ "pop.d2.test": "d2.test" });
  });

  it("WHEN optional names become required THEN who has them is asked nothing, and who has not fails alone and is served on", async () => {
    const before = fingerprints();
    acme.issuer = () => ({ optionalLabels: [] });
    acme.pebble.forgetRequests();
    const run = await acme.mail.attempt(DOMAINS);
    expect(run.errors).toHaveLength(1);
    expect(run.errorsOf("mailsni_acme_certificate.c_d3_test").join()).toMatch(
      /No new certificate for d3\.test.*pop3\.d3\.test.*: 127\.0\.0\.1 \(port 80\)/,
    );
    expect(fingerprints()).toEqual(before);
    expect(await acme.presented(["imap.d3.test"])).toEqual({ "imap.d3.test": "d3.test" });

    await acme.pebble.setDns("pop3.d3.test", { type: "a", addresses: [acme.pebble.web.address] });
    expect((await acme.mail.deploy(DOMAINS)).changes).toEqual(update("d3.test"));
    expect(namesOf("d3.test")).toContain("pop3.d3.test");
  });

  it("WHEN required names become optional THEN the CA is asked for nothing, and what is presented stays", async () => {
    const before = fingerprints();
    acme.issuer = () => ({});
    acme.pebble.forgetRequests();
    await acme.mail.deploy(DOMAINS);
    expect(acme.asked).toEqual([]);
    expect(fingerprints()).toEqual(before);
    expect((await acme.mail.project.plan()).exitCode).toBe(0);
  });

  it("WHEN all are reissued THEN the old ones are presented until the new ones are, and none is revoked", async () => {
    const before = new Map(Object.keys(DOMAINS).map((domain) => [domain, acme.leafOf(domain).serialNumber]));
    acme.issuer = () => ({ reissue: "today" });
    const { result, seen } = await acme.mail.watch("imap.d2.test", () => acme.mail.deploy(DOMAINS));
    expect(result.changes).toMatchObject(update(...Object.keys(DOMAINS)));
    expect([...seen].filter((owner) => owner.startsWith("none"))).toEqual([]);
    for (const [domain, serial] of before) {
      expect(acme.leafOf(domain).serialNumber).not.toBe(serial);
      expect(await acme.pebble.revocation(serial)).toContain("Valid");
    }
  });

  it("WHEN the key algorithm changes THEN the addresses stay, and a certificate is presented at every moment", async () => {
    acme.issuer = () => ({ keyAlgorithm: KeyAlgorithm.RSA_2048, reissue: "today" });
    const { result, seen } = await acme.mail.watch("imap.d2.test", () => acme.mail.deploy(DOMAINS));
    expect(result.changes).toEqual({
      ...update(...Object.keys(DOMAINS)),
      "mailsni_host_files.default__mx1": "update",
    });
    expect([...seen].filter((owner) => owner.startsWith("none"))).toEqual([]);
    for (const domain of Object.keys(DOMAINS)) {
      expect(acme.leafOf(domain).publicKey.asymmetricKeyType).toBe("rsa");
      expect(await acme.presented([`imap.${domain}`])).toEqual({ [`imap.${domain}`]: domain });
    }
  });
});

describeIf(
  needsOf(),
  "a CA without renewal information, whose certificates are valid for two and a half minutes",
  () => {
    it("WHEN half of that is left THEN the plan renews in place, and the host presents the new one", async () => {
      const acme = await AcmeMail.start({}, { profiles: { short: 150 } });
      onTestFinished(() => acme.stop());
      const proxy = await AcmeProxy.start(acme.pebble);
      onTestFinished(() => proxy.close());
      proxy.change(/^GET \/dir/, (answer) => {
        const { renewalInfo: _, ...document } = JSON.parse(answer.body);
        return { ...answer, body: JSON.stringify(document) };
      });
      acme.directoryUrl = proxy.directoryUrl;
      const domains = { "d1.test": NAMES, "d2.test": NAMES };
      await acme.mail.deploy(domains);
      const before = acme.leafOf("d2.test");
      expect((await acme.mail.project.plan()).exitCode).toBe(0);

      await delay(Date.parse(String(acme.certificates.get("d2.test")?.renew_at)) - Date.now() + 1_000);
      const run = await acme.mail.deploy(domains);
      expect(run.changes).toMatchObject({
        "mailsni_acme_certificate.c_d2_test": "update",
        "mailsni_host_files.d_d2_test__mx1": "update",
      });
      expect(acme.leafOf("d2.test").serialNumber).not.toBe(before.serialNumber);
      await acme.expectAllServed();
      expect(acme.pebble.log).not.toContain("has been marked as replaced");
      expect([...acme.pebble.requests.keys()].join()).not.toContain("renewalInfo");
    });
  },
);
