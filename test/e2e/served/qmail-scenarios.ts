import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { HostNames } from "../../../lib";
import { combinedPem, type IssuedCertificate, issue } from "../../support/certificates";
import { root } from "../../support/machine";
import { describeIf } from "../../support/requirements";
import { DOMAINS, EXPECTED, WILDCARD } from "./domains";
import { type Circumstances, engineOfSuites } from "./engine-choice";
import { pemKnownAfterApply } from "./expressions";
import { QmailHost } from "./qmail-host";
import { locally } from "./reach";
import { NO_NAME, ServedHost } from "./served-host";
import { servedScenarios } from "./served-scenarios";

// qmail takes a name letter for letter.
const expected = { ...EXPECTED, "IMAP.Domain2.TLD": "domain1.tld", "domain2.tld.": "domain1.tld" };

/** Who is presented what by a qmail that a stack configures. */
export function qmailScenarios({
  engine = engineOfSuites,
  reach = locally,
  variants = true,
}: Circumstances = {}): void {
  describeIf(
    [engine.requirement, ...reach.requirements],
    `qmail that a stack configures (${reach.name})`,
    () => {
      let qmail: QmailHost;
      let mail: ServedHost;

      beforeAll(async () => {
        qmail = await QmailHost.start(reach);
        mail = await ServedHost.create({ engine: engine.get(), host: qmail.declare });
        await mail.deploy(DOMAINS);
      });

      afterAll(async () => {
        await qmail?.stop();
        mail?.project.remove();
      });

      servedScenarios(() => ({ mail, directory: qmail.path("control") }), { domains: DOMAINS, expected });

      it("GIVEN a wildcard THEN it is refused when the stack is synthesized, and the message says what to list", () => {
        expect(() => mail.declare({ ...DOMAINS, ...WILDCARD })).toThrow(
          /qmail cannot serve \*\.wild\.test.*imap\.wild\.test/,
        );
      });

      it("GIVEN a layout with links to directories WHEN applied THEN they become directories, and no handshake fails meanwhile", async () => {
        await mail.deploy(DOMAINS);
        const existing = await issue({ subject: "CN=existing", dnsNames: ["old.test", "smtp.old.test"] });
        mkdirSync(qmail.path("control/servercerts/old.test"));
        const file = qmail.path("control/servercerts/old.test/servercert.pem");
        writeFileSync(file, combinedPem(existing));
        chmodSync(file, 0o644);
        const link = qmail.path("control/servercerts/smtp.old.test");
        symlinkSync("old.test", link);
        expect(await mail.presented(["smtp.old.test"])).toEqual({ "smtp.old.test": "CN=existing" });

        mail.declare({ ...DOMAINS, "old.test": { names: HostNames.of("old.test", "smtp.old.test") } });
        const { result, seen } = await mail.watch("smtp.old.test", () => mail.apply());
        expect(result.errors).toEqual([]);
        expect(lstatSync(link).isDirectory()).toBe(true);
        expect(readlinkSync(`${link}/servercert.pem`)).toBe("../old.test/servercert.pem");
        // A directory cannot replace a link in one step, so that the default may have been presented in between.
        expect([...seen].filter((owner) => owner.startsWith("none"))).toEqual([]);
        expect(await mail.presented(["old.test", "smtp.old.test"])).toEqual({
          "old.test": "old.test",
          "smtp.old.test": "old.test",
        });
      });

      it.skipIf(root.missing)(
        "GIVEN a directory that only root can enter THEN the domain is refused with the command that opens it, and then served",
        async () => {
          await mail.deploy(DOMAINS);
          // As a hook of dehydrated makes it.
          const closed = qmail.path("control/servercerts/closed.test");
          mkdirSync(closed, { mode: 0o700 });
          const domains = { ...DOMAINS, "closed.test": { names: HostNames.of("closed.test") } };
          const { errors } = await mail.attempt(domains);
          expect(errors.join()).toMatch(/closed\.test\/servercert\.pem cannot be read by its server/);
          expect(errors.join()).toContain(`chmod 755 ${closed}`);
          expect(readdirSync(closed)).toEqual([]);
          chmodSync(closed, 0o755);
          await mail.deploy(domains);
          expect(await mail.presented(["closed.test"])).toEqual({ "closed.test": "closed.test" });
        },
      );

      if (!variants) return;

      it("GIVEN a key of another certificate WHEN an apply learns of it THEN that domain keeps its certificate, and all others get theirs", async () => {
        const first = await issue({ subject: "CN=first", dnsNames: ["pem.test"] });
        const second = await issue({ subject: "CN=second", dnsNames: ["pem.test"] });
        const domains = (certificate: IssuedCertificate, key: IssuedCertificate) => ({
          ...DOMAINS,
          "pem.test": pemKnownAfterApply(certificate, key),
        });
        await mail.deploy(domains(first, first));
        const run = await mail.attempt({ ...domains(second, first), "new.test": {} });
        expect(run.errors).toEqual([expect.stringMatching(/pem\.test.*private key/)]);
        expect(await mail.presented(["pem.test", "imap.new.test", "domain2.tld"])).toEqual({
          "pem.test": "CN=first",
          "imap.new.test": "new.test",
          "domain2.tld": "domain2.tld",
        });
      });
    },
  );

  describeIf(engine.requirement, "qmail without a certificate", () => {
    it("GIVEN a default that cannot be used WHEN applied THEN the others are presented theirs, and unknown names a placeholder", async () => {
      const qmail = await QmailHost.start(reach);
      onTestFinished(() => qmail.stop());
      const mail = await ServedHost.create({ engine: engine.get(), host: qmail.declare });
      onTestFinished(() => mail.project.remove());
      const [own, other] = [await issue({ subject: "CN=own", dnsNames: ["pem.test"] }), await issue()];
      expect(
        (await mail.attempt({ "pem.test": pemKnownAfterApply(own, other), "domain2.tld": {} })).exitCode,
      ).toBe(1);
      expect(await mail.presented([NO_NAME, "imap.domain2.tld"])).toEqual({
        [NO_NAME]: "CN=placeholder.mail-sni.invalid",
        "imap.domain2.tld": "domain2.tld",
      });
      await mail.deploy({ "pem.test": pemKnownAfterApply(own, own), "domain2.tld": {} });
      expect(await mail.presented([NO_NAME, "pem.test"])).toEqual({
        [NO_NAME]: "CN=own",
        "pem.test": "CN=own",
      });
    });
  });

  if (!variants) return;

  describeIf([engine.requirement, root], "qmail that runs as vpopmail, and files of root's", () => {
    it("GIVEN a file that its group may not read WHEN applied again THEN qmail can load it again", async () => {
      const qmail = await QmailHost.start(reach);
      onTestFinished(() => qmail.stop());
      const mail = await ServedHost.create({ engine: engine.get(), host: qmail.declare });
      onTestFinished(() => mail.project.remove());
      await mail.deploy({ "domain1.tld": {}, "domain2.tld": {} });
      const file = qmail.path("control/servercerts/domain2.tld/servercert.pem");
      const { uid, gid, mode } = statSync(file);
      expect({ uid, gid, mode: mode & 0o7777 }).toEqual({ uid: 0, gid: 89, mode: 0o640 });
      chmodSync(file, 0o600);
      expect(await mail.presented(["smtp.domain2.tld"])).toEqual({
        "smtp.domain2.tld": expect.stringContaining("alert 112"),
      });
      const plan = await mail.project.plan();
      expect(plan.changes).toEqual({ "mailsni_host_files.d_domain2_tld__mx1": "update" });
      await mail.apply();
      expect(await mail.presented(["smtp.domain2.tld"])).toEqual({ "smtp.domain2.tld": "domain2.tld" });
    });
  });
}
