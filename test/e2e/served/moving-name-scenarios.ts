import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { HostNames } from "../../../lib";
import { combinedPem, issue } from "../../support/certificates";
import { certificateLines, Dovecot } from "../../support/dovecot";
import type { DovecotVersion } from "../../support/dovecot-installation";
import { engineUnderTest, requireEngine } from "../../support/engine-under-test";
import { dovecot23, dovecot24 } from "../../support/machine";
import { describeIf } from "../../support/requirements";
import { dovecotHost } from "./dovecot-host";
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

/** A name that moves from one domain to another of the same Dovecot. */
export function movingNameScenarios(version: DovecotVersion): void {
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

    const isServed = (expected: Readonly<Record<string, string>>) =>
      vi.waitFor(async () => expect(await mail.presented(Object.keys(expected))).toEqual(expected), 10_000);
    const isServedBy = (domain: string) => isServed({ [MOVING]: domain, [`imap.${domain}`]: domain });

    /** The block that wins is that of the first domain in 2.3, and of the last one in 2.4. */
    const [winner, loser] =
      version === "2.3" ? ["domain1.tld", "domain2.tld"] : ["domain2.tld", "domain1.tld"];

    describe.each([
      { from: winner, to: loser },
      { from: loser, to: winner },
    ])("from $from to $to", ({ from, to }) => {
      beforeEach(async () => {
        mail.order = [];
        await mail.deploy(owned(from));
        await isServedBy(from);
      });

      it("WHEN an engine chooses the order THEN the apply succeeds, and nothing is left to be done", async () => {
        const { warnings } = await mail.deploy(owned(to));
        expect(warnings).toEqual([]);
        await isServedBy(to);
        expect((await mail.project.plan()).exitCode).toBe(0);
      });

      it("WHEN the old domain is applied first THEN the apply succeeds, and nothing is left to be done", async () => {
        mail.order = [from, to];
        const { warnings } = await mail.deploy(owned(to));
        expect(warnings).toEqual([]);
        await isServedBy(to);
        expect((await mail.project.plan()).exitCode).toBe(0);
      });

      it("WHEN the new domain is applied first THEN the apply succeeds, and the name has one of their certificates at every moment", async () => {
        mail.order = [to, from];
        const { result, seen } = await mail.watch(MOVING, () => mail.deploy(owned(to)));
        expect([...seen].filter((owner) => owner.includes("default"))).toEqual([]);
        expect(
          result.warnings.filter((text) => !text.includes(`${MOVING} still has the certificate`)),
        ).toEqual([]);
        await isServedBy(to);
        const next = await mail.project.plan();
        expect(next.changes).toEqual({});
      });
    });

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
      await isServed({ [MOVING]: `${winner} (an earlier one)` });
      server.remove(blocks);
      const plan = await mail.project.plan();
      expect(plan.exitCode).toBe(2);
      expect(plan.output).toContain(`until another resource of stack`);
      mail.order = [];
      await mail.deploy(owned(loser));
      await isServedBy(loser);
      expect((await mail.project.plan()).exitCode).toBe(0);
    });
  });
}
