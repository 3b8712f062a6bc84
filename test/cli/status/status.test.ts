import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Ajv2020 from "ajv/dist/2020";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { STATUS_SCHEMA } from "../../../lib/cli/status/reports/json-schema";
import { type CertificateEntry, entryText } from "../../../lib/shared/journal/entry";
import { journaledCertificate } from "../../shared/journal/support/entries";
import { runEngine } from "../../support/engine";
import { engineUnderTest, requireEngine } from "../../support/engine-under-test";
import { HOSTILE_WORDS, isPlain } from "../../support/hostile-words";
import { describeIf } from "../../support/requirements";
import { CdktfProject, outputOf } from "../support/project";
import { ran } from "../support/ran";

const HOUR_MS = 3_600_000;
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();

function certificate(endHours: number, renewalHours: number, issuer = "https://acme.test/directory"): object {
  return {
    fingerprint_sha256: "ab".repeat(32),
    issuer,
    not_after: inHours(endHours + 0.1),
    renew_at: inHours(renewalHours),
  };
}

const CURRENT = certificate(60 * 24, 30 * 24);

let files: CdktfProject;
beforeEach(() => {
  files = new CdktfProject();
});
afterEach(() => files.remove());

function withFacts(
  certificates: Readonly<Record<string, object>>,
  pending: Readonly<Record<string, readonly string[]>> = { mx1: [] },
): string {
  return files.write("facts.json", JSON.stringify({ version: 1, certificates, pending }));
}

const status = (path: string, ...args: string[]) => ran(["status", "--facts", path, ...args]);
const lines = (text: string) => text.split("\n");

describe("mail-sni status", () => {
  it("GIVEN a certificate that a host issues itself THEN it is unknown, and the host is named", async () => {
    const path = withFacts({ "a.tld": { hosts: ["mx1"], issuer: "https://acme.test/directory" } });
    const { exitCode, out } = await status(path);
    expect(exitCode).toBe(0);
    expect(lines(out)[1]).toBe("unknown  a.tld   -     by mx1 itself  acme.test");
    const { domains } = JSON.parse((await status(path, "--json")).out);
    expect(domains).toMatchObject([{ domain: "a.tld", state: "unknown", hosts: ["mx1"], notAfter: null }]);
  });

  it("GIVEN certificates that are current THEN 0, and each has its line", async () => {
    const path = withFacts({
      "a.tld": CURRENT,
      "b.tld": certificate(20, 10, "mailsni_private_ca.ca_ca"),
      "c.tld": {},
    });
    const { exitCode, out, err } = await status(path);
    expect(err).toBe("");
    expect(lines(out)).toEqual([
      expect.stringMatching(/^STATE {4}DOMAIN {2}LEFT {2}NEXT RENEWAL {10}ISSUER$/),
      expect.stringMatching(
        /^current {2}b\.tld {3}20 h {2}\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}private CA ca$/,
      ),
      expect.stringMatching(/^current {2}a\.tld {3}60 d {2}\S+Z {2}acme\.test$/),
      expect.stringMatching(/^unknown {2}c\.tld {3}- {5}- {21}-$/),
      "",
      "3 domains: 2 current, 1 unknown.",
      expect.stringMatching(/^Next renewal: b\.tld, due at \S+Z\.$/),
      "1 host: mx1. Nothing was pending after the last apply that succeeded.",
      "",
    ]);
    expect(exitCode).toBe(0);
  });

  it("GIVEN expired, overdue and due ones THEN 1, they come first, and what to do is said", async () => {
    const path = withFacts({
      "a.tld": CURRENT,
      "due.tld": certificate(200, -20),
      "late.tld": certificate(100, -49),
      "gone.tld": certificate(-49, -200),
    });
    const { exitCode, out } = await status(path);
    expect(
      lines(out)
        .slice(1, 5)
        .map((line) => line.split(/ {2,}/).slice(0, 3)),
    ).toEqual([
      ["expired", "gone.tld", "-3 d"],
      ["overdue", "late.tld", "4 d"],
      ["due", "due.tld", "8 d"],
      ["current", "a.tld", "60 d"],
    ]);
    expect(out).toContain("4 domains: 1 expired, 1 overdue, 1 due, 1 current.");
    expect(out).toContain("Overdue: the renewal was due more than two run intervals (1d each) ago.");
    expect(out).toContain("read their warnings: a renewal that fails while there is time is one.");
    expect(out).toContain("Next renewal: a.tld");
    expect(exitCode).toBe(1);
  });

  it("GIVEN a run every week THEN a renewal that is two days late is only due, and 0", async () => {
    const path = withFacts({ "late.tld": certificate(100, -49) });
    expect((await status(path)).exitCode).toBe(1);
    const weekly = await status(path, "--run-interval", "7d");
    expect(weekly.out).toMatch(/^due {4}late\.tld/m);
    expect(weekly.exitCode).toBe(0);
  });

  it("GIVEN something pending THEN 1, by host, and --all has all of it", async () => {
    const path = withFacts({ "a.tld": CURRENT }, { mx1: [], mx2: ["one", "two"] });
    const { exitCode, out } = await status(path);
    expect(out).toContain("\n2 hosts: mx2, mx1.\nPending on mx2: one (and 1 more)\n");
    expect(exitCode).toBe(1);
    expect((await status(path, "--all")).out).toContain("Pending on mx2: one\nPending on mx2: two\n");
  });

  it("GIVEN a thousand domains and hosts THEN one screen has what is urgent, and --all each", async () => {
    const domains = Array.from({ length: 1000 }, (_, index) => [`d${index}.tld`, CURRENT]);
    const hosts = Array.from({ length: 1000 }, (_, index) => [`mx${index}`, ["one", "two"]]);
    const certificates = { ...Object.fromEntries(domains), "d777.tld": certificate(100, -49) };
    const path = withFacts(certificates, Object.fromEntries(hosts));
    const { out } = await status(path);
    expect(lines(out).length).toBeLessThanOrEqual(25);
    expect(lines(out)[1]).toContain("overdue  d777.tld");
    expect(out).toContain("… and 988 less urgent: --all shows each.");
    expect(out).toContain("1000 domains: 1 overdue, 999 current.");
    expect(out).toContain("… and 997 hosts more with something pending: --all shows each.");
    const all = lines((await status(path, "--all")).out);
    expect(all.filter((line) => line.startsWith("current "))).toHaveLength(999);
    expect(all.filter((line) => line.startsWith("Pending on "))).toHaveLength(2000);
  });

  it("GIVEN a terminal THEN states have colours; NO_COLOR switches them off", async () => {
    const args = ["status", "--facts", withFacts({ "gone.tld": certificate(-1, -2), "a.tld": CURRENT })];
    const { out } = await ran(args, { isTTY: true });
    expect(out).toContain("\u001b[31mexpired\u001b[0m  gone.tld");
    expect(out).toContain("\u001b[32mcurrent\u001b[0m  a.tld");
    const plain = await ran(args, { isTTY: true, environment: { NO_COLOR: "1" } });
    expect(isPlain(plain.out)).toBe(true);
  });

  it("GIVEN hostile words in every place THEN they are shown, cut, and as plain text", async () => {
    const words = HOSTILE_WORDS.repeat(8);
    const path = withFacts(
      { [words]: certificate(100, 50, words), "b.tld": certificate(100, 50, `https://${words}/`) },
      { [words]: [words.repeat(50)] },
    );
    const { out, err } = await status(path, "--all");
    expect(isPlain(out + err)).toBe(true);
    expect(lines(out)).toHaveLength(9);
    expect(out).toContain("Apply complete!");
    expect(Math.max(...lines(out).map((line) => line.length))).toBeLessThan(400);
  });
});

describe("mail-sni status --json", () => {
  const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true, validateFormats: false }).compile(
    STATUS_SCHEMA,
  );

  it("GIVEN domains in every state THEN the document follows the schema, which allows nothing less", async () => {
    const path = withFacts(
      {
        "a.tld": CURRENT,
        "b.tld": certificate(100, -49),
        "c.tld": certificate(100, -1),
        "d.tld": certificate(-1, -2),
        [`e${HOSTILE_WORDS}`]: {},
      },
      { mx1: [], mx2: ["one"] },
    );
    const { exitCode, out } = await status(path, "--json", "--stack", "mail");
    const document = JSON.parse(out);
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    expect(isPlain(out)).toBe(true);
    expect(document.summary).toEqual({
      ...{ expired: 1, overdue: 1, due: 1, current: 1, unknown: 1 },
      ...{ domains: 5, pending: 1, exitCode },
    });
    expect(document.domains.map(({ domain }: { domain: string }) => domain)).toEqual([
      "d.tld",
      "b.tld",
      "c.tld",
      "a.tld",
      `e${HOSTILE_WORDS}`,
    ]);
    expect(document.domains[3]).toMatchObject({
      stack: "mail",
      daysLeft: 60,
      issuer: "https://acme.test/directory",
    });
    expect(document.hosts[0]).toEqual({ stack: "mail", host: "mx2", pending: ["one"] });
    for (const key of ["stack", "state", "renewAt"]) {
      const { [key]: _, ...less } = document.domains[0];
      expect(validate({ ...document, domains: [less] })).toBe(false);
    }
  });
});

describe("mail-sni status, in a project", () => {
  const inProject = (...args: string[]) =>
    ran(["status", "--project", files.directory, ...args], { environment: process.env });

  it.each(["--json", "--all"])(
    "GIVEN no stack with mail hosts, and %s, THEN 2: nothing is known to be well",
    async (option) => {
      files.write("cdktf.out/manifest.json", JSON.stringify({ stacks: {} }));
      files.writeTable({});
      const { exitCode, out, err } = await inProject(option);
      expect({ exitCode, out }).toEqual({ exitCode: 2, out: "" });
      expect(err).toContain("The project has no stack with mail hosts.");
      const named = await inProject("--stack", "mail");
      expect(named.err).toContain("The project has no stacks: run cdktf synth. [CLI_STACK_UNKNOWN]");
    },
  );

  it("GIVEN a stack twice THEN it is read once; GIVEN facts of one stack and two names THEN 2", async () => {
    const path = withFacts({ "a.tld": CURRENT });
    const engine = files.engine(`cat ${path}`);
    const { out } = await inProject("--engine", engine, "-s", "mail", "-s", "mail");
    expect(out).toContain("1 domain: 1 current.");
    const { exitCode, err } = await status(path, "-s", "mail", "-s", "web");
    expect(exitCode).toBe(2);
    expect(err).toContain("--stack names several. Give one --stack, or leave --facts out. [CLI_OPTION]");
  });

  it("GIVEN several stacks THEN those that have hosts are read, and each line says which", async () => {
    files.remove();
    files = new CdktfProject({ mail: "", dns: "", backup: "" });
    files.writeTable({ mail: [], backup: [] });
    const facts = JSON.stringify({ certificates: { "a.tld": CURRENT }, pending: {} });
    const path = files.engine(`case $(pwd) in */dns) exit 1 ;; esac\necho '${facts}'`);
    const { exitCode, out, err } = await inProject("--engine", path);
    expect(err).toBe("");
    expect(out).toMatch(/^current {2}mail {4}a\.tld /m);
    expect(out).toMatch(/^current {2}backup {2}a\.tld /m);
    expect(exitCode).toBe(0);
  });

  it("GIVEN a stack that cannot be read THEN 2, and the others are shown", async () => {
    files.remove();
    files = new CdktfProject({ mail: "", backup: "" });
    const facts = JSON.stringify({ certificates: { "a.tld": CURRENT }, pending: {} });
    const path = files.engine(
      `case $(pwd) in */mail) echo 'Error: no token' >&2; exit 1 ;; esac\necho '${facts}'`,
    );
    const { exitCode, out, err } = await inProject("--engine", path);
    expect(err).toMatch(/^mail-sni: .*mail: no token\. .*\[CLI_ENGINE_FAILED\]\n$/);
    expect(out).toContain("1 domain: 1 current.");
    expect(exitCode).toBe(2);
    expect(JSON.parse((await inProject("--engine", path, "--json")).out).unreadStacks).toEqual(["mail"]);
  });

  it("GIVEN no project THEN 2, and what to do", async () => {
    const { exitCode, out, err } = await ran(["status", "--project", join(files.directory, "cdktf.out")]);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: "" });
    expect(err).toContain("[CLI_PROJECT_MISSING]");
  });
});

describeIf(engineUnderTest, "mail-sni status, with a real engine", () => {
  it("GIVEN a deploy THEN its output is read with no option but the engine's", async () => {
    files.write(
      "cdktf.out/stacks/mail/main.tf",
      outputOf({
        version: 1,
        certificates: { "a.tld": CURRENT, "late.tld": certificate(100, -49) },
        pending: { mx1: [] },
      }),
    );
    const apply = await runEngine(requireEngine(), files.stackDirectory("mail"), ["apply", "-auto-approve"]);
    expect(apply.exitCode, apply.output).toBe(0);
    const { exitCode, out, err } = await ran(["status", "--project", files.directory], {
      environment: { ...process.env, TERRAFORM_BINARY_NAME: requireEngine().executable },
    });
    expect(err).toBe("");
    expect(out).toContain("2 domains: 1 overdue, 1 current.");
    expect(exitCode).toBe(1);
  });

  it("GIVEN a journal with a certificate that was not saved THEN a line says so; GIVEN none THEN there is no line", async () => {
    files.write(
      "cdktf.out/stacks/mail/main.tf",
      outputOf({ version: 1, certificates: { "a.tld": CURRENT }, pending: {} }),
    );
    files.write("cdktf.out/stacks/mail/cdk.tf.json", "{}");
    await runEngine(requireEngine(), files.stackDirectory("mail"), ["apply", "-auto-approve"]);
    const journal = join(files.directory, "journal");
    mkdirSync(journal, { mode: 0o700 });
    const environment = {
      ...process.env,
      TERRAFORM_BINARY_NAME: requireEngine().executable,
      MAIL_SNI_JOURNAL: journal,
    };
    const said = async (...args: string[]) =>
      (await ran(["status", "--project", files.directory, ...args], { environment })).out;
    const saved = {
      fingerprint: "ab".repeat(32),
      notBefore: "2026-11-29T00:00:00Z",
      notAfter: "2027-02-28T00:00:00Z",
    };
    const write = (entry: CertificateEntry) =>
      writeFileSync(join(journal, `${entry.id}.4194300-1`), entryText(entry), { mode: 0o600 });
    write(journaledCertificate({ id: "00000000000000a1", leaf: saved }));
    expect(await said()).not.toContain("journal");
    write(journaledCertificate({ id: "00000000000000a2" }));
    expect(await said()).toContain(
      `Not in the state of the last deploy: 1 certificate in the issuance journal ${journal}, 0 of them issued.`,
    );
    const unsaved = { ...saved, fingerprint: "cd".repeat(32) };
    write(journaledCertificate({ id: "00000000000000a3", leaf: unsaved }));
    expect(await said()).toContain(`2 certificates in the issuance journal ${journal}, 1 of them issued.`);
    expect(JSON.parse(await said("--json")).journals).toEqual([
      { stack: "mail", path: journal, certificates: 2, issued: 1 },
    ]);
  });

  it("GIVEN a first deploy that was killed THEN the error says what the journal has", async () => {
    files.write("cdktf.out/stacks/mail/main.tf", "");
    files.write("cdktf.out/stacks/mail/cdk.tf.json", "{}");
    const journal = join(files.directory, "journal");
    mkdirSync(journal, { mode: 0o700 });
    const entry = journaledCertificate({ id: "00000000000000a1" });
    writeFileSync(join(journal, `${entry.id}.4194300-1`), entryText(entry), { mode: 0o600 });
    const environment = {
      ...process.env,
      TERRAFORM_BINARY_NAME: requireEngine().executable,
      MAIL_SNI_JOURNAL: journal,
    };
    const { err, exitCode } = await ran(["status", "--project", files.directory], { environment });
    expect(exitCode).toBe(2);
    expect(err).toMatch(/CLI_NOT_DEPLOYED/);
    expect(err).toContain(
      `The issuance journal ${journal} has 1 begun order: the next deploy uses what fits.`,
    );
  });
});
