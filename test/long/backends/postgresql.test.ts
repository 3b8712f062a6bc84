import { join } from "node:path";
import { PgBackend, type TerraformStack } from "cdktf";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findEngines } from "../../support/engine";
import { MailSniProgram } from "../../support/mail-sni-program";
import { PostgresqlServer } from "../../support/postgresql-server";
import { describeIf, engine, postgresql } from "../../support/requirements";
import { Gate } from "./gate";
import { MailProject } from "./mail-project";

const WAIT = "-lock-timeout=120s";

describeIf([postgresql, engine], "a state in PostgreSQL", () => {
  let server: PostgresqlServer;
  let program: MailSniProgram;
  let schemas = 0;
  beforeAll(async () => {
    [server, program] = [await PostgresqlServer.start(), await MailSniProgram.build()];
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

    /** One whose connection is in its program, without the password, or in the environment with it. */
    async function mailIn(
      where: "program" | "environment",
      gate?: Gate,
    ): Promise<MailProject & { readonly schemaName: string }> {
      const schemaName = `${engineHere.name}_${++schemas}`;
      const isInProgram = where === "program";
      const connStr = isInProgram ? server.connection({ withPassword: false }) : null;
      const backend = (stack: TerraformStack) =>
        new PgBackend(stack, { connStr: "", schemaName }).addOverride("conn_str", connStr);
      const environment: Record<string, string> = isInProgram
        ? { PGPASSWORD: server.password }
        : { PG_CONN_STR: server.connection({ withPassword: true }) };
      const mail = await MailProject.create(engineHere, { backend, environment, gate });
      open.push(mail);
      return Object.assign(mail, { schemaName });
    }

    /** One whose first apply waits at a gate. */
    async function heldMail() {
      const gate = new Gate();
      open.push(gate);
      const { project, schemaName } = await mailIn("environment", gate);
      // For init.
      await project.plan();
      return { project, schemaName, gate };
    }

    function filesWithPassword(mail: MailProject): string[] {
      return mail.filesWith(server.password, encodeURIComponent(server.password));
    }

    it("GIVEN the password in PGPASSWORD THEN the state is in the database, the password in no file, and each command reads it", async () => {
      const mail = await mailIn("program");
      const { project, schemaName } = mail;
      expect(await project.apply()).toMatchObject({ exitCode: 0 });
      const saved = join(project.directory, "saved.plan");
      expect(await project.plan({}, [`-out=${saved}`])).toMatchObject({ exitCode: 0 });

      const kept = `data LIKE '%mailsni_private_certificate%'`;
      expect(await server.query(`SELECT name FROM ${schemaName}.states WHERE ${kept}`)).toEqual(["default"]);
      expect(await mail.run(program, ["status"])).toMatchObject({ exitCode: 0 });
      expect(await mail.run(program, ["doctor"])).toMatchObject({ exitCode: 0 });
      expect(await mail.run(program, ["renew", "--no-verify"])).toMatchObject({ exitCode: 0 });
      mail.declare("domain1.tld", "domain2.tld");
      const plan = await mail.run(program, ["plan"]);
      expect(plan.out, plan.err).toContain("domain2.tld");
      expect(filesWithPassword(mail)).toEqual([]);
    });

    it("GIVEN all of it in PG_CONN_STR THEN the password is in no file, and in no report on one that cannot be read", async () => {
      const mail = await mailIn("environment");
      expect(await mail.project.apply()).toMatchObject({ exitCode: 0 });
      const saved = join(mail.project.directory, "saved.plan");
      expect(await mail.project.plan({}, [`-out=${saved}`])).toMatchObject({ exitCode: 0 });
      expect(filesWithPassword(mail)).toEqual([]);

      const broken = { PG_CONN_STR: "postgres://mail:hush/hush@127.0.0.1/postgres" };
      for (const command of ["status", "renew"]) {
        const { exitCode, out, err } = await mail.run(program, [command], broken);
        expect(exitCode).not.toBe(0);
        expect(out + err).toContain("is not a valid URL");
        expect(out + err).not.toContain("hush");
      }
    });

    it("GIVEN another stack's first apply in the same database WHEN a stack is deployed for the first time THEN Terraform refuses it, unless it waits for the lock", async () => {
      const [first, second] = [await heldMail(), await mailIn("environment")];
      await second.project.plan();
      const held = first.project.apply();
      await first.gate.reached();

      const refused = await second.project.apply();
      const isRefused = engineHere.name === "terraform";
      expect(refused.exitCode, refused.output).toBe(isRefused ? 1 : 0);
      expect(refused.output.includes("Already locked for workspace creation: default")).toBe(isRefused);

      const waiting = second.project.apply({}, [WAIT]);
      first.gate.open();
      expect(await held).toMatchObject({ exitCode: 0 });
      expect(await waiting).toMatchObject({ exitCode: 0 });
    });

    it("GIVEN an apply that runs WHEN another one of the stack is started THEN it is refused, or waits for the first", async () => {
      const { project, gate, schemaName } = await heldMail();
      const held = project.startApply();
      await gate.reached();

      const refused = await project.apply();
      expect(refused.exitCode).toBe(1);
      expect(refused.output).toContain("Error acquiring the state lock");

      const waiting = project.startApply([WAIT]);
      gate.open();
      expect(await held).toMatchObject({ exitCode: 0 });
      const { exitCode, changes } = await waiting;
      expect({ exitCode, changes }).toEqual({ exitCode: 0, changes: {} });
      expect(await server.query(`SELECT name FROM ${schemaName}.states`)).toEqual(["default"]);
    });

    it("GIVEN an apply that is killed THEN the lock is free within a second, with nothing to unlock", async () => {
      const { project, gate } = await heldMail();
      await project.applyUntilKilled(0, gate.isReached);
      gate.open();

      expect(await project.plan({}, ["-lock-timeout=1s"])).toMatchObject({ exitCode: 2 });
    });
  });
});
