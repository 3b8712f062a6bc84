import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { RenewingHost, type Rows } from "../../e2e/dehydrated/renewing-host";
import { locally } from "../../e2e/served/reach";
import { engineUnderTest, requireEngine } from "../../support/engine-under-test";
import { dehydrated, describeIf, dovecot23, pebble, root } from "../../support/requirements";

/** Hundreds take most of an hour: for docs/figures.md. */
const COUNT = Number(process.env.MAIL_SNI_FIRST_ORDERS ?? 6);
vi.setConfig({ testTimeout: 2 * 3_600_000, hookTimeout: 120_000 });

const FIRST: Rows = { "a.tld": ["imap.a.tld", "smtp.a.tld"] };

describeIf(
  [engineUnderTest, root, dehydrated, pebble, dovecot23],
  `${COUNT} first orders of a host with dehydrated`,
  () => {
    let mail: RenewingHost;

    beforeAll(async () => {
      mail = await RenewingHost.start(requireEngine(), { reach: locally });
      await mail.deploy(FIRST);
    });
    afterAll(() => mail?.stop());

    const rows: Rows = {
      ...FIRST,
      ...Object.fromEntries(
        Array.from({ length: COUNT }, (_, index) => [
          `d${index}.tld`,
          ["imap", "smtp"].map((label) => `${label}.d${index}.tld`),
        ]),
      ),
    };

    /** How many certificates each row has been issued: dehydrated keeps all of them. */
    const issued = () =>
      Object.fromEntries(
        Object.keys(rows).map((row) => [
          row,
          existsSync(mail.work("certs", row))
            ? readdirSync(mail.work("certs", row)).filter((name) => /^fullchain-\d+\.pem$/.test(name)).length
            : 0,
        ]),
      );
    const done = () => Object.values(issued()).filter((count) => count > 0).length;
    /** The processes of dehydrated on this host, by their configuration. */
    const runs = () =>
      execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" })
        .split("\n")
        .filter((line) => line.includes(`dehydrated -c`) && line.includes(mail.managed("config")));

    it("WHEN the apply is killed in the middle THEN the run goes on, the next apply waits for it, and each row is ordered once", async () => {
      const began = performance.now();
      mail.declare(rows);
      await mail.project.applyUntilKilled(0, () => done() > 1 + COUNT / 3);
      const atKill = done();
      expect(atKill).toBeLessThan(Object.keys(rows).length);
      expect(runs()).not.toEqual([]);

      const { warnings } = await mail.apply();
      const seconds = Math.round((performance.now() - began) / 1000);
      console.log(`${COUNT} first orders: ${seconds} s; ${atKill} were there when the apply was killed`);
      expect(warnings).toEqual([]);
      expect(issued()).toEqual(Object.fromEntries(Object.keys(rows).map((row) => [row, 1])));
    });

    it("THEN each name is presented its own certificate, the result has all rows, and the next plan is empty", async () => {
      const names = Object.values(rows).flat();
      const presented: Record<string, readonly string[]> = {};
      for (let at = 0; at < names.length; at += 20)
        for (const [name, { names: its }] of Object.entries(await mail.presented(names.slice(at, at + 20))))
          presented[name] = its;
      expect(presented).toEqual(
        Object.fromEntries(Object.values(rows).flatMap((its) => its.map((name) => [name, [...its].sort()]))),
      );
      const result = readFileSync(mail.work("result"), "utf8").split("\n");
      expect(result.filter((line) => /^row\t\S+\tok\t/.test(line))).toHaveLength(Object.keys(rows).length);
      const { changes, exitCode } = await mail.project.plan();
      expect({ changes, exitCode }).toEqual({ changes: {}, exitCode: 0 });
    });
  },
);
