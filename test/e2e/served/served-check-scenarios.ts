import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { HostNames } from "../../../lib";
import { combinedPem, issue } from "../../support/certificates";
import { Dovecot } from "../../support/dovecot";
import type { DovecotVersion } from "../../support/dovecot-installation";
import { HOSTILE_WORDS, isPlain } from "../../support/hostile-words";
import { dovecot23, dovecot24 } from "../../support/machine";
import { describeIf } from "../../support/requirements";
import { dovecotHost } from "./dovecot-host";
import { type Circumstances, engineOfSuites } from "./engine-choice";
import { bySsh, locally, type Reached } from "./reach";
import { type Domains, ServedHost } from "./served-host";

const DOMAINS: Domains = { "domain1.tld": {}, "domain2.tld": {} };
/** Has the certificate of `domain1.tld` reissued. */
const RENEWED: Domains = { ...DOMAINS, "domain1.tld": { issuer: "rsa" } };
const OTHERS = "others.test";
const AS_IT_IS = ["-refresh=false"];
const REFRESH_ALONE = ["-refresh-only"];

/** What plans say of a Dovecot that does not present what is installed. */
export function servedCheckScenarios(
  version: DovecotVersion,
  { engine = engineOfSuites, reach = locally }: Circumstances = {},
): void {
  const dovecot = version === "2.3" ? dovecot23 : dovecot24;
  const needs = [dovecot, engine.requirement, ...reach.requirements];
  describeIf(needs, `plans that ask what a Dovecot ${version} serves (${reach.name})`, () => {
    let server: Dovecot;
    let reached: Reached;
    let mail: ServedHost;
    let ours: Buffer;

    beforeAll(async () => {
      server = await Dovecot.start({ version });
      reached = await reach.start();
      const host = dovecotHost(server, reached);
      mail = await ServedHost.create({ engine: engine.get(), host, servedChecks: true });
      const first = await mail.deploy(DOMAINS);
      expect(first.warnings).toEqual([]);
      ours = readFileSync(server.path(FILE));
    });

    afterAll(async () => {
      await server?.stop();
      await reached?.stop();
      mail?.project.remove();
    });

    afterEach(async () => {
      mail.declare(DOMAINS);
      writeFileSync(server.path(FILE), ours);
      await server.reload();
      await presents("domain2.tld");
    });

    const FILE = "mail-sni/domain2.tld.pem";

    async function presents(owner: string): Promise<void> {
      await vi.waitFor(async () => expect((await mail.presented([NAME]))[NAME]).toBe(owner), 10_000);
    }
    const NAME = "imap.domain2.tld";

    /** Another certificate behind the stack's back, which Dovecot has read, whatever the file has from then on. */
    async function serveAnother(subject = `CN=${OTHERS}`): Promise<string> {
      const another = await issue({ subject, dnsNames: [OTHERS] });
      writeFileSync(server.path(FILE), combinedPem(another));
      await server.restart();
      await vi.waitFor(async () => expect(await mail.fingerprint(NAME)).toBe(another.fingerprint), 10_000);
      return another.fingerprint;
    }

    it("GIVEN what was installed THEN plans are empty and warn of nothing, with a refresh or without, or a refresh alone", async () => {
      for (const more of [[], AS_IT_IS]) {
        const { exitCode, warnings } = await mail.project.plan({}, more);
        expect({ more, exitCode, warnings }).toEqual({ more, exitCode: 0, warnings: [] });
      }
      expect((await mail.project.plan({}, REFRESH_ALONE)).warnings).toEqual([]);
    });

    it("GIVEN a file that was changed behind its back THEN a plan of the state alone is empty, and names what is served on each port", async () => {
      const fingerprint = await serveAnother();
      const { exitCode, warnings } = await mail.project.plan({}, AS_IT_IS);

      expect(exitCode).toBe(0);
      expect(warnings).toEqual([expect.stringContaining("Host mx1 does not serve what is installed there")]);
      const said = (warnings[0] ?? "").replace(/[│\s]+/g, " ");
      const ports = mail.endpoints.map(({ port }) => port).sort((one, other) => one - other);
      expect(said).toMatch(
        new RegExp(`domain2\\.tld, ${NAME}, .*, ports ${ports.join(", ")} \\(dovecot\\): `),
      );
      expect(said).toContain(
        `the certificate for ${OTHERS} (SHA-256 ${fingerprint.slice(0, 16)}…) of CN=${OTHERS}, valid until`,
      );
      expect(said).not.toContain("domain1.tld");

      const refreshed = await mail.project.plan();
      expect(refreshed.changes).toEqual({ "mailsni_host_files.d_domain2_tld__mx1": "update" });
      expect(refreshed.warnings).toEqual([]);
    });

    it("GIVEN a server that has something else in memory than the files say THEN an ordinary plan is empty, and warns; skipped, it does not", async () => {
      await serveAnother();
      writeFileSync(server.path(FILE), ours);

      const asked = await mail.project.plan();
      expect(asked.exitCode).toBe(0);
      expect(asked.warnings).toEqual([expect.stringContaining(`the certificate for ${OTHERS}`)]);
      const refreshed = await mail.project.plan({}, REFRESH_ALONE);
      expect(refreshed.warnings).toEqual(asked.warnings);
      const skipped = await mail.project.plan({ env: { MAIL_SNI_SERVED: "skip" } });
      expect([skipped.exitCode, skipped.warnings]).toEqual([0, []]);
    });

    /** A plan that only refreshes plans no change, so it judges what is installed, whatever is declared. */
    describe("what is declared again, and a refresh alone", () => {
      it.each<[what: string, domains: Domains, isPlanned: boolean]>([
        ["a domain that is renamed", { "domain1.tld": {}, "domain3.tld": {} }, true],
        ["a new domain", { ...DOMAINS, "domain3.tld": {} }, false],
        [
          "a name that moves to another domain",
          {
            "domain1.tld": { names: HostNames.of("domain1.tld", NAME) },
            "domain2.tld": { names: HostNames.of("domain2.tld") },
          },
          true,
        ],
      ])("GIVEN %s THEN nothing that is served as installed is warned of", async (_, domains, isPlanned) => {
        mail.declare(domains);
        for (const more of [REFRESH_ALONE, [], AS_IT_IS]) {
          const { errors, warnings, output } = await mail.project.plan({}, more);
          expect({ more, errors, warnings }).toEqual({ more, errors: [], warnings: [] });
          expect(output).not.toContain("will be read during apply");
        }

        await serveAnother();
        writeFileSync(server.path(FILE), ours);
        // What a plan changes is confirmed by its apply.
        const planned = await mail.project.plan();
        const served = expect.stringContaining(`the certificate for ${OTHERS}`);
        expect(planned, planned.output).toMatchObject({ errors: [], warnings: isPlanned ? [] : [served] });
        // An engine may read what is no longer declared after what is served.
        if (!("domain2.tld" in domains)) return;
        const refreshed = await mail.project.plan({}, REFRESH_ALONE);
        expect(refreshed).toMatchObject({ errors: [], warnings: [served] });
      });
    });

    it("GIVEN a renewal that is pending THEN the plan puts nothing off and warns of nothing; GIVEN another domain that is wrong THEN of that alone", async () => {
      mail.declare(RENEWED);
      const pending = await mail.project.plan();
      expect(pending.exitCode).toBe(2);
      expect(pending.output).not.toContain("will be read during apply");
      expect(pending.warnings).toEqual([]);

      await serveAnother();
      writeFileSync(server.path(FILE), ours);
      const both = await mail.project.plan();
      const wrong = [expect.stringContaining(`${NAME}, `)];
      expect(both, both.output).toMatchObject({ errors: [], warnings: wrong });
      expect(both.warnings[0]).not.toContain("domain1.tld");

      expect((await mail.apply()).exitCode).toBe(0);
      await mail.deploy(DOMAINS);
      expect((await mail.project.plan()).warnings).toEqual([]);
    });

    it("GIVEN a certificate whose names are hostile THEN they do nothing but to be read", async () => {
      await serveAnother(`CN=${HOSTILE_WORDS.replaceAll("\r", "")}`);
      const { exitCode, output } = await mail.project.plan({}, AS_IT_IS);

      expect(exitCode).toBe(0);
      expect(output).toContain("Apply complete!");
      expect(isPlain(output)).toBe(true);
    });

    it("GIVEN a server that is stopped THEN a plan of the state alone is empty, and warns", async () => {
      await server.halt();
      const { exitCode, warnings } = await mail.project.plan({}, AS_IT_IS);
      await server.restart();

      expect(exitCode).toBe(0);
      expect(warnings).toEqual([expect.stringContaining("no port accepts TLS")]);
    });

    if (reach === bySsh) {
      it("GIVEN a host that cannot be reached THEN that is a warning, and no error", async () => {
        await reached.stop();
        const { exitCode, errors, warnings } = await mail.project.plan({}, AS_IT_IS);

        expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: [] });
        expect(warnings).toEqual([expect.stringContaining("Host mx1 cannot be reached")]);
      });
    }
  });
}
