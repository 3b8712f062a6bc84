import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, it, onTestFinished } from "vitest";
import { Dovecot as Declared, type DovecotOptions, Ownership } from "../../../lib";
import { Dovecot } from "../../support/dovecot";
import type { DovecotVersion } from "../../support/dovecot-installation";
import { dovecot23, dovecot24 } from "../../support/machine";
import { describeIf } from "../../support/requirements";
import { dovecotOptions } from "./dovecot-host";
import { type Circumstances, engineOfSuites } from "./engine-choice";
import { locally } from "./reach";
import { ServedHost } from "./served-host";

const DOMAINS = { "domain1.tld": {}, "domain2.tld": {}, "domain3.tld": {} };
const SERVED = { "imap.domain1.tld": "domain1.tld", "imap.domain2.tld": "domain2.tld" };
const BASE = "mailsni_host_files.base__mx1";

/** What becomes of a deploy to a Dovecot that is not as it was declared. */
export function dovecotMisfitScenarios(
  version: DovecotVersion,
  { engine = engineOfSuites, reach = locally, variants = true }: Circumstances = {},
): void {
  const dovecot = version === "2.3" ? dovecot23 : dovecot24;
  const needs = [dovecot, engine.requirement, ...reach.requirements];
  const other = version === "2.3" ? "2.4" : "2.3";
  const declarations = { "2.3": Declared.v23, "2.4": Declared.v24 };
  describeIf(needs, `A Dovecot ${version} that is not as it was declared (${reach.name})`, () => {
    /** Declared as `as` says, which the test may change between two deploys. */
    async function given(as: { version: DovecotVersion; options?: DovecotOptions }) {
      const server = await Dovecot.start({ version });
      onTestFinished(() => server.stop());
      const reached = await reach.start();
      onTestFinished(() => reached.stop());
      const mail = await ServedHost.create({
        engine: engine.get(),
        host: (stack) =>
          reached.declare(stack, {
            root: server.root,
            ownership: Ownership.APPLY,
            stateDirectory: `${server.directory}/ledger`,
            services: [declarations[as.version]({ ...dovecotOptions(server), ...as.options })],
          }),
      });
      onTestFinished(() => mail.project.remove());
      return { server, mail };
    }

    const configuration = (server: Dovecot) => readdirSync(server.path("conf.d")).sort();

    it(`GIVEN that it is declared as ${other} WHEN deployed THEN that is said, and nothing is left there`, async () => {
      const as = { version: other } as { version: DovecotVersion };
      const { server, mail } = await given(as);
      const before = configuration(server);

      const run = await mail.attempt(DOMAINS);

      expect(run.exitCode).toBe(1);
      expect(run.errors).toHaveLength(1);
      expect(run.errorsOf(BASE)[0]).toContain(`dovecot is version ${version}, but is declared as ${other}`);
      expect(run.errors[0]).toContain(`Dovecot.v${version.replace(".", "")}() for ${version}`);
      expect(configuration(server)).toEqual(before);
      expect(existsSync(server.path("mail-sni"))).toBe(false);

      as.version = version;
      await mail.deploy(DOMAINS);
      expect(await mail.presented(Object.keys(SERVED))).toEqual(SERVED);
    });

    if (!variants) return;

    it("GIVEN a main file without `!include conf.d/*.conf` WHEN deployed THEN it ends at once with the line to add, and with that line all is served", async () => {
      const { server, mail } = await given({ version });
      const main = readFileSync(server.path("dovecot.conf"), "utf8");
      const own = "!include conf.d/10-master.conf\n!include conf.d/10-ssl.conf\n";
      const alone = main.replace("!include conf.d/*.conf\n", own);
      expect(alone).not.toBe(main);
      writeFileSync(server.path("dovecot.conf"), alone);
      const before = configuration(server);

      const run = await mail.attempt(DOMAINS);

      expect(run.exitCode).toBe(1);
      expect(run.errors).toHaveLength(1);
      expect(run.errorsOf(BASE)).toEqual(run.errors);
      const line = `!include_try ${server.directory}/conf.d/*mail-sni*.conf`;
      expect(run.errors[0]).toContain(`does not read ${server.directory}/conf.d/`);
      expect(run.errors[0]).toContain(line);
      expect(configuration(server)).toEqual(before);
      expect(existsSync(server.path("mail-sni"))).toBe(false);

      writeFileSync(server.path("dovecot.conf"), `${alone}${line}\n`);
      await mail.deploy(DOMAINS);
      expect(await mail.presented(Object.keys(SERVED))).toEqual(SERVED);
    });

    it("GIVEN files that are read no more WHEN a domain comes THEN it ends without a handshake, and says why", async () => {
      const { server, mail } = await given({ version });
      await mail.deploy(DOMAINS);
      const main = readFileSync(server.path("dovecot.conf"), "utf8");
      const own = "!include conf.d/10-master.conf\n!include conf.d/10-ssl.conf\n";
      writeFileSync(server.path("dovecot.conf"), main.replace("!include conf.d/*.conf\n", own));

      const run = await mail.attempt({ ...DOMAINS, "domain4.tld": {} });

      // What prepares the host is found unread by the plan, so that no domain is tried.
      expect(run.exitCode).toBe(1);
      expect(run.errors).toHaveLength(1);
      expect(run.errorsOf(BASE)[0]).toContain(`does not read ${server.directory}/conf.d/`);
      expect(existsSync(server.path(`mail-sni/domain4.tld.pem`))).toBe(false);
    });

    it(`GIVEN that it is served WHEN it is declared as ${other} THEN that is said, and it is as it was, without an empty directory`, async () => {
      const as = { version };
      const { server, mail } = await given(as);
      await mail.deploy(DOMAINS);
      const before = readdirSync(server.path("mail-sni"), {
        recursive: true,
        encoding: "utf8",
      }).sort();

      as.version = other;
      const run = await mail.attempt(DOMAINS);

      expect(run.exitCode).toBe(1);
      expect(run.errorsOf(BASE)[0]).toContain(`dovecot is version ${version}, but is declared as ${other}`);
      expect(readdirSync(server.path("mail-sni"), { recursive: true, encoding: "utf8" }).sort()).toEqual(
        before,
      );
      expect(await mail.presented(Object.keys(SERVED))).toEqual(SERVED);

      as.version = version;
      await mail.deploy(DOMAINS);
      expect((await mail.project.plan()).exitCode).toBe(0);
      expect(await mail.presented(Object.keys(SERVED))).toEqual(SERVED);
    });

    it("GIVEN that it is not installed WHEN deployed THEN that is said, and nothing is left there", async () => {
      const as: { version: DovecotVersion; options?: DovecotOptions } = {
        version,
        options: { doveconf: ["/no/such/doveconf"], doveadm: ["/no/such/doveadm"] },
      };
      const { server, mail } = await given(as);
      const before = configuration(server);

      const run = await mail.attempt(DOMAINS);

      expect(run.exitCode).toBe(1);
      expect(run.errors).toHaveLength(1);
      expect(run.errorsOf(BASE)[0]).toContain("dovecot is not installed");
      expect(configuration(server)).toEqual(before);
      expect(existsSync(server.path("mail-sni"))).toBe(false);

      as.options = undefined;
      await mail.deploy(DOMAINS);
      as.options = { doveconf: ["/no/such/doveconf"], doveadm: ["/no/such/doveadm"] };
      const renewal = await mail.attempt({ ...DOMAINS, "domain2.tld": { issuer: "rsa" } });
      expect(renewal.exitCode).toBe(1);
      expect(renewal.errors.join()).toContain("dovecot is not installed");
      expect(await mail.presented(Object.keys(SERVED))).toEqual({
        ...SERVED,
        "imap.domain2.tld": "domain2.tld (an earlier one)",
      });
    });
  });
}
