import { HttpBackend, type TerraformStack } from "cdktf";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findEngines } from "../../support/engine";
import { MailSniProgram } from "../../support/mail-sni-program";
import { describeIf, engine } from "../../support/requirements";
import { StateServer } from "../../support/state-server";
import { Gate } from "./gate";
import { MailProject } from "./mail-project";

describeIf(engine, "a state behind the http backend, as GitLab's", () => {
  let server: StateServer;
  let program: MailSniProgram;
  beforeAll(async () => {
    [server, program] = [await StateServer.start(), await MailSniProgram.build()];
  });
  afterAll(async () => {
    program?.remove();
    await server?.stop();
  });

  describe.each(findEngines())("with $name", (engineHere) => {
    const open: { remove(): void }[] = [];
    afterEach(() => {
      for (const one of open.splice(0)) one.remove();
    });

    async function mailIn(state: string, gate?: Gate): Promise<MailProject> {
      // With the password, where each argument of the block is in the environment.
      const { TF_HTTP_ADDRESS: _, ...environment } = server.environment(state);
      const backend = (stack: TerraformStack) =>
        void new HttpBackend(stack, { address: server.address(state) });
      const mail = await MailProject.create(engineHere, { backend, environment, gate });
      open.push(mail);
      return mail;
    }

    it("THEN the state is there and unlocked, the password in no file, and each command reads it", async () => {
      const state = `${engineHere.name}-1`;
      const mail = await mailIn(state);
      expect(await mail.project.apply()).toMatchObject({ exitCode: 0 });

      expect(server.state(state)).toContain("mailsni_private_certificate");
      expect(server.isLocked(state)).toBe(false);
      expect(await mail.run(program, ["status"])).toMatchObject({ exitCode: 0 });
      expect(await mail.run(program, ["doctor"])).toMatchObject({ exitCode: 0 });
      expect(await mail.run(program, ["renew", "--no-verify"])).toMatchObject({ exitCode: 0 });
      mail.declare("domain1.tld", "domain2.tld");
      expect(await mail.run(program, ["plan"])).toMatchObject({
        out: expect.stringContaining("domain2.tld"),
      });
      expect(mail.filesWith(server.password)).toEqual([]);
    });

    it("GIVEN an apply that is killed THEN the lock stays, until it is removed by hand", async () => {
      const [state, gate] = [`${engineHere.name}-2`, new Gate()];
      open.push(gate);
      const { project } = await mailIn(state, gate);
      await project.plan();
      await project.applyUntilKilled(0, gate.isReached);
      gate.open();
      expect(server.isLocked(state)).toBe(true);

      const refused = await project.plan();
      expect(refused.exitCode).toBe(1);
      const [, id] = /ID: +(\S+)/.exec(refused.output) ?? [];
      await project.unlock(String(id));

      expect(server.isLocked(state)).toBe(false);
      expect(await project.plan()).toMatchObject({ exitCode: 2 });
    });
  });
});
