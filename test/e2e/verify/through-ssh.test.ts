import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { TerraformOutput } from "cdktf";
import { afterAll, beforeAll, expect, it } from "vitest";
import { HostNames, MailSni, PrivateCa } from "../../../lib";
import { ran } from "../../cli/support/ran";
import { engineUnderTest, requireEngine } from "../../support/engine-under-test";
import { sshd } from "../../support/machine";
import { describeIf } from "../../support/requirements";
import { SshServer } from "../../support/ssh-server";
import { StackProject } from "../../support/stack-project";
import { QmailHost } from "../served/qmail-host";
import { bySsh, reachedBy } from "../served/reach";

describeIf(
  [engineUnderTest, sshd],
  "verify through the SSH of a host, after a deploy to the qmail stand-in",
  () => {
    let sshServer: SshServer;
    let host: QmailHost;
    let project: StackProject;

    beforeAll(async () => {
      sshServer = await SshServer.start();
      host = await QmailHost.start({ ...bySsh, start: async () => reachedBy(sshServer) });
      project = await StackProject.create(requireEngine());
      project.synth((stack) => {
        const issuer = new PrivateCa(stack, "ca");
        const sni = new MailSni(stack, "sni", {
          hosts: [host.declare(stack)],
          issuer,
          defaultDomain: "domain1.test",
        });
        for (const domain of ["domain1.test", "domain2.test"]) {
          sni.addDomain(domain, { names: HostNames.of(domain, `smtp.${domain}`) });
        }
        new TerraformOutput(stack, "root", { value: issuer.certificatePem, staticId: true });
      });
      expect(await project.apply()).toMatchObject({ exitCode: 0 });
      writeFileSync(join(project.directory, "cdktf.json"), "{}");
      writeFileSync(join(project.directory, "root.pem"), String((await project.outputs()).root));
    });

    afterAll(async () => {
      await project?.remove();
      await host?.stop();
    });

    const verify = (...more: string[]) =>
      ran(
        [
          ...[
            "verify",
            "--project",
            project.directory,
            "--engine",
            requireEngine().executable,
            "--through-ssh",
          ],
          ...["--no-system-roots", "--ca", join(project.directory, "root.pem"), ...more],
        ],
        { environment: process.env },
      );

    it("THEN every name is right, though DNS has none of them", async () => {
      const { exitCode, out, err } = await verify("--verbose");
      expect(out).not.toMatch(/^(error|warning)/m);
      expect(exitCode).toBe(0);
      expect(out).toMatch(
        /^ok {6}smtp\.domain2\.test at mx1 \(127\.0\.0\.1 through SSH\) port \d+ \(smtp\): /m,
      );
      expect(out).toContain(`${3 * (4 + 5)} of ${3 * (4 + 5)} handshakes are right; 0 errors, 0 warnings,`);
      expect(err).toBe("");
    });

    it("GIVEN an sshd that is stopped THEN nothing could be asked, and why is said of each port", async () => {
      await sshServer.kill();
      const { exitCode, out } = await verify();
      expect(exitCode).toBe(2);
      const lines = out.trimEnd().split("\n");
      for (const { port } of host.service.endpoints) {
        const ofPort = lines.filter((line) => line.includes(` at mx1 (127.0.0.1 through SSH) port ${port} `));
        // Two that were tried, and all others in one line.
        expect(ofPort).toHaveLength(3);
        for (const line of ofPort) expect(line).toMatch(/^error .*o connection: .*\[VERIFY_NO_ANSWER\]$/);
        expect(ofPort[2]).toMatch(/^error {3}7 more at /);
      }
      expect(out).toContain("No server could be asked.");
    });
  },
);
