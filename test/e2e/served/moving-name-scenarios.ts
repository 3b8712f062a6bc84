import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { HostNames } from "../../../lib";
import { combinedPem, issue } from "../../support/certificates";
import { certificateLines, Dovecot } from "../../support/dovecot";
import type { DovecotVersion } from "../../support/dovecot-installation";
import { engineUnderTest, requireEngine } from "../../support/engine-under-test";
import { dovecot23, dovecot24 } from "../../support/machine";
import { describeIf } from "../../support/requirements";
import { dovecotHost } from "./dovecot-host";
import { QmailHost } from "./qmail-host";
import { type Domains, ServedHost } from "./served-host";

const MOVING = "mail.example.test";
const named = (domain: string, ...more: string[]) => ({
  names: HostNames.of(domain, `imap.${domain}`, ...more),
});
/** The moving name belongs to one of two domains. The default is a third one, so that its certificate is recognised. */
const owned = (owner: string): Domains => ({
  "default.tld": named("default.tld"),
  "domain1.tld": named("domain1.tld", ...(owner === "domain1.tld" ? [MOVING] : [])),
  "domain2.tld": named("domain2.tld", ...(owner === "domain2.tld" ? [MOVING] : [])),
});

/** Holds that clients are presented these certificates, soon after a reload. */
function isServed(mail: ServedHost, expected: Readonly<Record<string, string>>): Promise<void> {
  return vi.waitFor(
    async () => expect(await mail.presented(Object.keys(expected))).toEqual(expected),
    10_000,
  );
}

const ofDomain = (domain: string) => ({ [MOVING]: domain, [`imap.${domain}`]: domain });

/** What a move warns of if it cannot be seamless. */
const SEAM = [`${MOVING} still has the certificate of another resource`, "was missing for a moment"];

/** A name that moves from one domain to another of the same server, in each order in which an engine may apply them. */
function inEachOrder(given: () => ServedHost, from: string, to: string): void {
  describe(`from ${from} to ${to}`, () => {
    let mail: ServedHost;

    beforeEach(async () => {
      mail = given();
      mail.order = [];
      await mail.deploy(owned(from));
      await isServed(mail, ofDomain(from));
    });

    it.each([
      ["an engine chooses the order", []],
      ["the old domain is applied first", [from, to]],
      ["the new domain is applied first", [to, from]],
    ])("WHEN %s THEN the apply succeeds, and nothing is left to be changed", async (_, order) => {
      mail.order = order;
      const { result, seen } = await mail.watch(MOVING, () => mail.deploy(owned(to)));
      if (order[0] === to) expect([...seen].filter((owner) => owner.includes("default"))).toEqual([]);
      expect(result.warnings.filter((text) => !SEAM.some((seam) => text.includes(seam)))).toEqual([]);
      await isServed(mail, ofDomain(to));
      expect((await mail.project.plan()).changes).toEqual({});
    });
  });
}

/** A name that moves between domains of the same Dovecot. */
export function dovecotMoveScenarios(version: DovecotVersion): void {
  const dovecot = version === "2.3" ? dovecot23 : dovecot24;
  describeIf([dovecot, engineUnderTest], `a name that moves to another domain of Dovecot ${version}`, () => {
    let server: Dovecot;
    let mail: ServedHost;

    beforeAll(async () => {
      server = await Dovecot.start({ version });
      mail = await ServedHost.create({ engine: requireEngine(), host: dovecotHost(server) });
    });

    afterAll(async () => {
      await server?.stop();
      mail?.project.remove();
    });

    /** The block that wins is that of the first domain in 2.3, and of the last one in 2.4. */
    const [winner, loser] =
      version === "2.3"
        ? (["domain1.tld", "domain2.tld"] as const)
        : (["domain2.tld", "domain1.tld"] as const);

    inEachOrder(() => mail, winner, loser);
    inEachOrder(() => mail, loser, winner);

    it("GIVEN that the old domain's change fails THEN the name is pending, and the next apply hands it over", async () => {
      mail.order = [];
      await mail.deploy(owned(winner));
      mail.order = [loser, winner];
      // A block that wins over each domain's own, and that fails the old domain alone.
      const blocks = `conf.d/${version === "2.3" ? "01-own.conf" : "zz-own.conf"}`;
      const own = `${server.directory}/private/own.pem`;
      server.write(
        "private/own.pem",
        combinedPem(await issue({ subject: "CN=own.test", dnsNames: ["own.test"] })),
      );
      server.write(blocks, `local_name imap.${winner} {\n${certificateLines(version, own)}}\n`);
      const failed = await mail.attempt(owned(loser));
      expect(failed.errors.join()).toContain(`imap.${winner} is overridden by another block`);
      expect(failed.warnings.join()).toContain(`${MOVING} still has the certificate of another resource`);
      await isServed(mail, { [MOVING]: `${winner} (an earlier one)` });
      server.remove(blocks);
      const plan = await mail.project.plan();
      expect(plan.exitCode).toBe(2);
      expect(plan.output).toContain(`until another resource of stack`);
      mail.order = [];
      await mail.deploy(owned(loser));
      await isServed(mail, ofDomain(loser));
      expect((await mail.project.plan()).exitCode).toBe(0);
    });
  });
}

/** A name that moves between domains of the same qmail, where its path has another owner afterwards. */
export function qmailMoveScenarios(): void {
  describeIf(engineUnderTest, "a name that moves to another domain of qmail", () => {
    let qmail: QmailHost;
    let mail: ServedHost;

    beforeAll(async () => {
      qmail = await QmailHost.start();
      mail = await ServedHost.create({ engine: requireEngine(), host: qmail.declare });
    });

    afterAll(async () => {
      await qmail?.stop();
      mail?.project.remove();
    });

    inEachOrder(() => mail, "domain1.tld", "domain2.tld");
  });
}
