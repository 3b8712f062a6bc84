import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import Ajv2020 from "ajv/dist/2020";
import { afterAll, beforeAll, expect, it } from "vitest";
import { PLAN_SCHEMA } from "../../../lib/cli/plan/reports/json-schema";
import { engineUnderTest, requireEngine } from "../../support/engine-under-test";
import { describeIf, faketime } from "../../support/requirements";
import { type Declared, PlannedMail, type PlanRun } from "./planned-mail";

const validate = new Ajv2020({ strictTypes: false, formats: { "date-time": true } }).compile(PLAN_SCHEMA);

const A = ["a.tld", "imap.a.tld"];
const B = ["b.tld", "imap.b.tld"];
const DEPLOYED: Declared = { domains: { "a.tld": A, "b.tld": B } };

describeIf(engineUnderTest, "mail-sni plan, with an engine", () => {
  let mail: PlannedMail;
  let keys: readonly string[] = [];

  beforeAll(async () => {
    mail = await PlannedMail.create(requireEngine());
  });
  afterAll(() => mail?.remove());

  /** Compares text and Markdown with what was reviewed, and checks what holds for every run. */
  async function expectReviewed(name: string, run: PlanRun, exitCode: number): Promise<void> {
    expect(run.err).toBe("");
    expect(run.exitCode).toBe(exitCode);
    await expect(timeless(run.out)).toMatchFileSnapshot(reviewed(`${name}.txt`));
    await expect(timeless(run.markdown)).toMatchFileSnapshot(reviewed(`${name}.md`));
    expectNoKey(run);
  }

  function expectNoKey({ out, err, markdown, html }: PlanRun): void {
    const all = [out, err, markdown, html].join("\n");
    expect(keys.filter((line) => all.includes(line))).toEqual([]);
    expect(all).not.toContain("PRIVATE KEY");
  }

  const detailed = (...more: string[]) => mail.plan("--detailed-exitcode", ...more);

  it("GIVEN a first deploy THEN everything is new", async () => {
    mail.declare(DEPLOYED);
    await mail.initialise();
    await expectReviewed("first-deploy", await detailed(), 3);
  });

  it("GIVEN what is deployed THEN there is nothing to do", async () => {
    await mail.deploy(DEPLOYED);
    keys = keyLines(mail.state);
    expect(keys.length).toBeGreaterThan(6);
    await expectReviewed("nothing-to-do", await detailed(), 0);
  });

  it.each<readonly [name: string, declared: Declared]>([
    ["name-added", { domains: { "a.tld": A, "b.tld": [...B, "pop.b.tld"] } }],
    ["name-removed", { domains: { "a.tld": A, "b.tld": ["b.tld"] } }],
    ["name-moved", { domains: { "a.tld": [...A, "imap.b.tld"], "b.tld": ["b.tld"] } }],
    ["domain-gone", { domains: { "a.tld": A } }],
    ["domain-added", { domains: { "a.tld": A, "b.tld": B, "c.tld": ["c.tld"] } }],
    ["default-changed", { ...DEPLOYED, defaultDomain: "b.tld" }],
    ["host-removed", { ...DEPLOYED, hosts: ["mx1"] }],
    ["other-provider", { ...DEPLOYED, note: "one" }],
  ])("GIVEN %s THEN the reports say what changes for whom", async (name, declared) => {
    mail.declare(declared);
    await expectReviewed(name, await detailed(), 3);
  });

  it("GIVEN a saved plan, and its JSON THEN both say what a run of the engine does, and JSON needs no project", async () => {
    mail.declare({ domains: { "a.tld": A } });
    const { plan, json } = await mail.save();
    const { out } = await mail.plan();
    expect((await mail.plan("--saved", `mail=${plan}`)).out).toBe(out);
    const alone = await mail.run(["--table", mail.file("sni-table.json"), "--saved", `mail=${json}`]);
    // What the rules found is in the project's manifest.
    expect(alone).toMatchObject({
      out: `${out.split("\n\nWarnings of the rules")[0]}\n`,
      err: "",
      exitCode: 0,
    });
    expectNoKey(alone);
  });

  it("GIVEN --json THEN it is as the schema says, and has no key", async () => {
    mail.declare({ domains: { "a.tld": [...A, "imap.b.tld"] }, note: "one" });
    const run = await mail.plan("--json");
    const document = JSON.parse(run.out);
    expect(validate(document) ? [] : validate.errors).toEqual([]);
    expect(document).toMatchObject({ risk: "attention", summary: { exitCode: 0 } });
    expectNoKey(run);
  });

  it("GIVEN a file that was edited on a host, and one that is missing THEN both are drift, and restored", async () => {
    mail.declare(DEPLOYED);
    const [edited, lost] = ["a.tld.conf", "b.tld.conf"].map((name) =>
      mail.file("mx1/etc/dovecot/mail-sni/2.3", name),
    ) as [string, string];
    const [before, other] = [edited, lost].map((path) => readFileSync(path, "utf8")) as [string, string];
    writeFileSync(edited, `${before}# by hand\n`);
    writeFileSync(lost, "");
    await expectReviewed("drift", await detailed(), 3);
    expect((await detailed("--no-refresh")).exitCode).toBe(0);
    writeFileSync(edited, before);
    writeFileSync(lost, other);
  });

  it("GIVEN an activation that a killed run left pending THEN it is completed, which is routine", async () => {
    mail.declare(DEPLOYED);
    const ledger = mail.file("mx1/var/lib/mail-sni/ledger");
    const before = readFileSync(ledger, "utf8");
    const token = /^claim\tmail\t(\S+)\t\/etc\/dovecot\/mail-sni\/2\.3\/b\.tld\.conf/m.exec(before)?.[1];
    writeFileSync(ledger, `${before}owe\tdovecot\tactivation1\t${token}\t.\n`);
    await expectReviewed("pending", await detailed(), 3);
    writeFileSync(ledger, before);
  });

  describeIf(faketime, "when time passes", () => {
    it("GIVEN renewals that are due THEN they are routine, and the plan needs no review", async () => {
      mail.declare(DEPLOYED);
      const run = await detailed("--engine", mail.engineInDays(80));
      expect(run.out).toContain("Risk: routine.");
      await expectReviewed("renewal-due", run, 3);
    });
  });

  it("GIVEN a trace of the engine THEN no key is in any output, and no plan is left", async () => {
    mail.declare({ domains: { "a.tld": A, "b.tld": ["b.tld"] } });
    const before = plansLeft();
    const run = await mail.tracedPlan("--json");
    expect(JSON.parse(run.out).risk).toBe("attention");
    expectNoKey(run);
    expect(plansLeft()).toEqual(before);
  });
});

/** The same texts for both engines: the suite of OpenTofu imports this file. */
function reviewed(name: string): string {
  return resolve(__dirname, "reviewed", name);
}

function plansLeft(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("mail-sni-plan-"));
}

/** The lines of all private keys in a state. */
function keyLines(state: string): string[] {
  const keys = [...state.matchAll(/"private_key_pem": "([^"]+)"/g)].map(([, pem]) => String(pem));
  return keys.flatMap((pem) => pem.split("\\n")).filter((line) => line.length > 30 && !line.includes("---"));
}

function timeless(text: string): string {
  return text.replace(/\d{4}-\d\d-\d\dT[\d:]+Z/g, "TIME");
}
