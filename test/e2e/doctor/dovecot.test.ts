import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Dovecot as DovecotService, HostNames, MailSni, Ownership, PrivateCa } from "../../../lib";
import { ran } from "../../cli/support/ran";
import { issue } from "../../support/certificates";
import { Dovecot } from "../../support/dovecot";
import type { DovecotVersion } from "../../support/dovecot-installation";
import { engineUnderTest, requireEngine } from "../../support/engine-under-test";
import { dovecot23, dovecot24, type Requirement, sshd } from "../../support/machine";
import { describeIf } from "../../support/requirements";
import { SshServer } from "../../support/ssh-server";
import { StackProject } from "../../support/stack-project";
import { dovecotOptions } from "../served/dovecot-host";
import { type Reached, reachedBy } from "../served/reach";

function scenarios(requirement: Requirement, version: DovecotVersion): void {
  describeIf([engineUnderTest, sshd, requirement], `doctor, of a real Dovecot ${version} by SSH`, () => {
    let dovecot: Dovecot;
    let reached: Reached;
    let project: StackProject;

    beforeAll(async () => {
      dovecot = await Dovecot.start({ version, globalCertificate: await issue({ dnsNames: ["mail.test"] }) });
      reached = reachedBy(await SshServer.start());
      project = await StackProject.create(requireEngine());
      writeFileSync(join(project.directory, "cdktf.json"), "{}");
    });

    afterAll(async () => {
      project?.remove();
      await reached?.stop();
      await dovecot?.stop();
    });

    /** @param declared the version that the program declares */
    function synth(declared: DovecotVersion): void {
      const options = dovecotOptions(dovecot);
      project.synth((stack) => {
        const host = reached.declare(stack, {
          root: dovecot.root,
          ownership: Ownership.APPLY,
          stateDirectory: `${dovecot.directory}/ledger`,
          services: [declared === "2.3" ? DovecotService.v23(options) : DovecotService.v24(options)],
        });
        const sni = new MailSni(stack, "sni", {
          hosts: [host],
          issuer: new PrivateCa(stack, "ca"),
          defaultDomain: "domain1.test",
        });
        sni.addDomain("domain1.test", { names: HostNames.of("domain1.test") });
      });
    }

    const doctor = () =>
      ran(["doctor", "--project", project.directory, "--engine", requireEngine().executable], {
        environment: { ...process.env, NODE_OPTIONS: "" },
      });

    it("GIVEN the right declaration THEN nothing is wrong, before the first deploy and after it", async () => {
      synth(version);
      expect((await doctor()).out).toMatch(/^Nothing is wrong/);
      expect(await project.apply()).toMatchObject({ exitCode: 0 });
      const { out, exitCode } = await doctor();
      expect(out).toMatch(/^Nothing is wrong/);
      expect(exitCode).toBe(0);
    });

    it("GIVEN the other version THEN which one to declare", async () => {
      synth(version === "2.3" ? "2.4" : "2.3");
      const { out, exitCode } = await doctor();
      expect(out).toMatch(
        new RegExp(
          `^error .*: dovecot is version ${version}, and the stack declares .* \\[service-version\\]$`,
          "m",
        ),
      );
      expect(out).toContain(`Dovecot.v${version.replace(".", "")}() for ${version}`);
      expect(exitCode).toBe(1);
    });

    it("GIVEN files that are gone, overridden and in a block THEN each is named, and Dovecot does not start indeed", async () => {
      synth(version);
      const [certificate, sign] = version === "2.3" ? ["ssl_cert", "<"] : ["ssl_server_cert_file", ""];
      const names = (path: string) => `${certificate} = ${sign}${path}\n`;
      const right = `${dovecot.directory}/private/dovecot.pem`;
      const block = `local_name old.test {\n  ${names("/nowhere/block.pem")}}\n`;
      dovecot.write(
        "conf.d/05-old.conf",
        `# The former one.\n${names("/nowhere/old.pem")}${names(right)}${block}`,
      );
      const { out, exitCode } = await doctor();
      const file = "conf\\.d/05-old\\.conf";
      for (const [path, place] of [
        ["old", `${file}:2 \\(${certificate}\\)`],
        ["block", `${file}:5 \\(${certificate} of local_name old\\.test\\)`],
      ]) {
        const problem = `dovecot will not start again, .*: /nowhere/${path}\\.pem does not exist\\. .*${place}\\.`;
        expect(out).toMatch(new RegExp(`^error .*: ${problem} \\[dovecot-pems\\]$`, "m"));
      }
      expect(out).toContain("put a # in front of the setting");
      expect(exitCode).toBe(1);
      await expect(dovecot.restart()).rejects.toThrow(/\/nowhere\/old\.pem.*No such file/);
      dovecot.write("conf.d/05-old.conf", "");
      await dovecot.restart();
      expect((await doctor()).out).toMatch(/^Nothing is wrong/);
    });

    it("GIVEN a main file that does not include conf.d THEN the line to add", async () => {
      synth(version);

      dovecot.write(
        "dovecot.conf",
        readFileSync(dovecot.path("dovecot.conf"), "utf8").replace(/^!include.*$/gm, ""),
      );
      const { out, exitCode } = await doctor();
      expect(out).toMatch(/^error .*: dovecot does not include .*mail-sni\.conf.* \[service-includes\]$/m);
      expect(out).toContain("!include_try");
      expect(exitCode).toBe(1);
    });
  });
}

scenarios(dovecot23, "2.3");
scenarios(dovecot24, "2.4");
