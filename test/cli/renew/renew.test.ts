import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv2020 from "ajv/dist/2020";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { renew as renewAll } from "../../../lib/cli/renew/renew";
import { RENEW_SCHEMA } from "../../../lib/cli/renew/reports/json-schema";
import { testIo } from "../support/io";
import { CdktfProject } from "../support/project";
import { ran } from "../support/ran";

/** Errors of the first stack that is run, at a step. */
const faults: Record<"planned" | "removed", Error | null> = { planned: null, removed: null };

function failOnce(step: keyof typeof faults): void {
  const fault = faults[step];
  faults[step] = null;
  if (fault !== null) throw fault;
}

vi.mock("../../../lib/cli/planned/shown-plan", async (original) => {
  const { shownPlan } = await original<typeof import("../../../lib/cli/planned/shown-plan")>();
  return {
    shownPlan: async (...args: Parameters<typeof shownPlan>) => {
      failOnce("planned");
      return shownPlan(...args);
    },
  };
});

vi.mock("../../../lib/cli/process/private-directory", async (original) => {
  const { withPrivateDirectory } =
    await original<typeof import("../../../lib/cli/process/private-directory")>();
  return {
    withPrivateDirectory: async (...args: Parameters<typeof withPrivateDirectory>) => {
      const result = await withPrivateDirectory(...args);
      failOnce("removed");
      return result;
    },
  };
});

/** What an engine's `show -json` writes of a plan. */
function planned(...changes: readonly object[]): string {
  return JSON.stringify({
    format_version: "1.2",
    terraform_version: "1.15.0",
    planned_values: { secret: "a planted key" },
    resource_changes: changes,
    errored: false,
  });
}

const created = {
  address: "terraform_data.note",
  mode: "managed",
  type: "terraform_data",
  name: "note",
  provider_name: "terraform.io/builtin/terraform",
  change: { actions: ["create"], before: null, after: { input: "a planted key" }, after_unknown: {} },
};

/** A program that stands in for the engine: it writes what lies in the stack's directory. */
const ENGINE = [
  'case "$1" in',
  "output) cat facts.json ;;",
  "plan)",
  '  for argument; do case "$argument" in -out=*) echo "a planted key" > "${argument#-out=}" ;; esac; done',
  "  cat plan-said.json; exit $(cat plan-status) ;;",
  "show) cat plan.json ;;",
  "apply) touch applied; cat apply-said.json; exit $(cat apply-status) ;;",
  "esac",
].join("\n");

describe("mail-sni renew", () => {
  let files: CdktfProject;
  let engine: string;
  beforeEach(() => {
    files = new CdktfProject({ mail: "", backup: "" });
    engine = files.engine(ENGINE);
    for (const name of ["mail", "backup"]) stack(name, planned());
  });
  afterEach(() => files.remove());

  interface Said {
    readonly planStatus?: number;
    readonly planSaid?: string;
    readonly applyStatus?: number;
    readonly applySaid?: string;
  }

  function stack(name: string, plan: string, said: Said = {}): void {
    const { planStatus = plan === planned() ? 0 : 2, planSaid = "", applyStatus = 0, applySaid = "" } = said;
    const write = (file: string, text: string) => files.write(`cdktf.out/stacks/${name}/${file}`, text);
    write("plan.json", plan);
    write("plan-said.json", planSaid);
    write("plan-status", String(planStatus));
    write("apply-said.json", applySaid);
    write("apply-status", String(applyStatus));
    write("cdk.tf.json", JSON.stringify({ terraform: { backend: { s3: {} } } }));
    const certificate = { not_after: "2100-01-01T00:00:00Z", renew_at: "2099-01-01T00:00:00Z" };
    write("facts.json", JSON.stringify({ certificates: { [`${name}.tld`]: certificate }, pending: {} }));
  }

  const renew = (...args: string[]) =>
    ran(["renew", "--project", files.directory, "--engine", engine, ...args], { environment: process.env });
  const isApplied = (name: string) => existsSync(join(files.stackDirectory(name), "applied"));
  const diagnostic = (severity: string, summary: string) =>
    `${JSON.stringify({ "@level": severity, type: "diagnostic", diagnostic: { severity, summary, detail: "" } })}\n`;
  const withOutput = JSON.stringify({
    ...JSON.parse(planned()),
    output_changes: { mail_sni: { actions: ["update"], before: {}, after: {}, after_unknown: false } },
  });

  it("GIVEN two stacks, one of which is refused THEN the other one is applied, and 4", async () => {
    stack("mail", planned(created));
    stack("backup", withOutput);
    const { exitCode, out, err } = await renew("--no-verify");
    expect(err).toBe("");
    expect(out).toContain(
      "mail: nothing was applied: the plan has 1 change that must not be made unattended.",
    );
    expect(out).toContain("refused terraform_data.note: would be created (a resource of another provider)");
    expect(out).toContain("\nNo renewal is due yet.\n");
    expect(out).toMatch(/^First expiry: mail\.tld in \d+ d, at 2100-01-01T00:00:00Z\.$/m);
    expect(out).toContain("backup: applied: what was pending or missing on hosts is complete.");
    expect(out).not.toContain("planted");
    expect([isApplied("mail"), isApplied("backup")]).toEqual([false, true]);
    expect(exitCode).toBe(4);
  });

  it("GIVEN an engine with more to say than is kept, of the plan and of the apply THEN 1, and how much more it was", async () => {
    const warnings = (count: number) =>
      Array.from({ length: count }, (_, index) => diagnostic("warning", `Warning ${index}`)).join("");
    stack("mail", withOutput, { planSaid: warnings(1003), applySaid: warnings(1002) });
    const text = await renew("--no-verify", "--stack", "mail");
    expect(text.out).toContain(
      "error   Whether each host was reached is not known: 5 more messages of the engine are left out\n",
    );
    expect(text.exitCode).toBe(1);
    const { stacks } = JSON.parse((await renew("--no-verify", "--stack", "mail", "--json")).out);
    expect(stacks[0].diagnostics).toHaveLength(1000);
    expect(stacks[0].omittedDiagnostics).toBe(5);
  });

  it("GIVEN one of two stacks that cannot be planned THEN 2 with its errors, and the other one is run", async () => {
    stack("mail", "", { planStatus: 1, planSaid: diagnostic("error", "No access to the state") });
    const { exitCode, out } = await renew("--no-verify");
    expect(out).toContain(
      `mail: nothing was renewed: the engine could not make a complete plan in ${files.stackDirectory("mail")}.\nerror   No access to the state\n`,
    );
    expect(out).toContain("backup: no renewal is due, and there is nothing else to do.");
    expect(exitCode).toBe(2);
  });

  describe("GIVEN an unexpected error in the first of two stacks", () => {
    const BUG = "This is a bug in mail-sni 1.2.3: TypeError: not foreseen. Report it";
    const failOn = (step: "planned" | "removed") => {
      faults[step] = new TypeError("not foreseen");
    };
    afterEach(() => {
      faults.planned = faults.removed = null;
    });

    it("WHEN its plan is read THEN the second one is run, 2, and the notifier gets the report", async () => {
      for (const name of ["mail", "backup"]) stack(name, withOutput);
      failOn("planned");
      const notified = join(files.directory, "notified");
      const { exitCode, out, err } = await renew("--no-verify", "--notify", `cat > ${notified}`);
      expect(out).toContain(`mail: nothing was renewed: ${BUG}`);
      expect(out).toContain("backup: applied: ");
      expect([isApplied("mail"), isApplied("backup")]).toEqual([false, true]);
      expect(err).toMatch(/^mail-sni: This is a bug in mail-sni 1\.2\.3: .*\[CLI_BUG\]\n$/);
      expect(readFileSync(notified, "utf8")).toBe(out);
      expect(exitCode).toBe(2);
    });

    it("WHEN its apply has ended THEN the second one is run, and 1", async () => {
      for (const name of ["mail", "backup"]) stack(name, withOutput);
      failOn("removed");
      const { exitCode, out } = await renew("--no-verify");
      expect(out).toContain(`mail: the apply failed: ${BUG}`);
      expect(out).toContain("\nNot verified: the run ended before that.\n");
      expect(out).toContain("backup: applied: ");
      expect([isApplied("mail"), isApplied("backup")]).toEqual([true, true]);
      expect(exitCode).toBe(1);
    });

    it("WHEN it is verified THEN its report says so, the second one is run, and 2", async () => {
      for (const name of ["mail", "backup"]) stack(name, withOutput);
      let isFirst = true;
      const now = () => {
        if (!isFirst) return new Date();
        isFirst = false;
        throw new TypeError("not foreseen");
      };
      const { exitCode, out } = await ran(["renew", "--project", files.directory, "--engine", engine], {
        environment: process.env,
        now,
      });
      expect(out).toContain(`mail: applied: what was pending or missing on hosts is complete.`);
      expect(out).toContain(`\nNot verified: ${BUG}`);
      expect(out).toContain("backup: applied: ");
      expect([isApplied("mail"), isApplied("backup")]).toEqual([true, true]);
      expect(exitCode).toBe(2);
    });
  });

  it("GIVEN --from with one stack whose state is in the copy THEN it is not run, the other one is, and 2", async () => {
    for (const name of ["mail", "backup"]) stack(name, withOutput);
    files.write("cdktf.out/stacks/mail/cdk.tf.json", JSON.stringify({ terraform: {} }));
    files.write("cdktf.out/sni-table.json", readFileSync(join(files.directory, "sni-table.json"), "utf8"));
    const { exitCode, out } = await ran(
      ["renew", "--from", join(files.directory, "cdktf.out"), "--engine", engine, "--no-verify"],
      { environment: process.env },
    );
    expect(out).toMatch(/^mail: nothing was renewed: Stack "mail" keeps its state .*\[CLI_STATE_COPIED\]$/m);
    expect([isApplied("mail"), isApplied("backup")]).toEqual([false, true]);
    expect(exitCode).toBe(2);
  });

  it("GIVEN an apply that fails without a word THEN 1, and what it says last", async () => {
    stack("mail", withOutput, { applyStatus: 1 });
    const { exitCode, out } = await renew("--no-verify", "--stack", "mail");
    expect(out).toMatch(/^mail: the apply failed: .* apply failed in .*\. Finished changes stay in place/);
    expect(exitCode).toBe(1);
  });

  it("GIVEN an output mail_sni that cannot be read THEN the run goes on, the report says why, and 1, so that the notifier gets it", async () => {
    chmodSync(
      files.write(
        "engine",
        `#!/bin/sh\n[ "$1" != output ] || { echo 'Error: Failed to load state' >&2; exit 1; }\n${ENGINE}\n`,
      ),
      0o755,
    );
    const notified = join(files.directory, "notified");
    const args = ["--no-verify", "--stack", "mail", "--notify", `cat > ${notified}`];
    const { exitCode, out, err } = await renew(...args);
    const problem =
      /Which certificates are near their end.* not known: .* failed in .*: Failed to load state\..*/;
    expect(out.split("\n")).toEqual([
      "mail: no renewal is due, and there is nothing else to do.",
      expect.stringMatching(problem),
      "Not verified: --no-verify.",
      "First expiry: not known.",
      "",
    ]);
    expect([err, exitCode]).toEqual(["", 1]);
    expect(readFileSync(notified, "utf8")).toBe(out);
    const [stack] = JSON.parse((await renew("--json", ...args)).out).stacks;
    expect(stack).toMatchObject({ firstExpiry: null, troubles: [expect.stringMatching(problem)] });
    expect(stack.factsProblem).toContain("[CLI_ENGINE_FAILED]");
  });

  it("GIVEN a table that cannot be read THEN renewals go on, and 2 because nothing was verified", async () => {
    stack("mail", withOutput);
    const { exitCode, out } = await renew("--stack", "mail", "--table", join(files.directory, "none.json"));
    expect(isApplied("mail")).toBe(true);
    expect(out).toMatch(
      /^Not verified: The table of who is served what cannot be read.*\[CLI_TABLE_MISSING\]/m,
    );
    expect(exitCode).toBe(2);
  });

  it("GIVEN hosts to which the stack's provider does not connect THEN 2, and why nothing was verified", async () => {
    files.writeTable({ mail: [{ name: "a.tld", certificate: "a.tld" }] });
    const { exitCode, out } = await renew("--stack", "mail");
    expect(out).toMatch(
      /^Not verified: no host of this stack can be asked\. Host mx-mail is not asked: .*\.$/m,
    );
    expect(exitCode).toBe(2);
  });

  it("GIVEN --json THEN the document follows its schema, and the notifier gets the text", async () => {
    stack("mail", planned(created));
    const notified = join(files.directory, "notified");
    const { exitCode, out } = await renew("--no-verify", "--json", "--notify", `cat > ${notified}`);
    const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true, validateFormats: false }).compile(
      RENEW_SCHEMA,
    );
    const document = JSON.parse(out);
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    expect(document.stacks.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      "refused",
      "unchanged",
    ]);
    expect(document.summary).toEqual({ exitCode });
    expect(readFileSync(notified, "utf8")).toMatch(/^mail: nothing was applied/);
  });

  it("GIVEN no project THEN 2, and the notifier gets the error", async () => {
    const notified = join(files.directory, "notified");
    const { exitCode, err } = await ran(
      ["renew", "--project", join(files.directory, "none"), "--notify", `cat > ${notified}; exit 3`],
      { environment: process.env },
    );
    expect(exitCode).toBe(2);
    expect(err).toContain("[CLI_PROJECT_MISSING]");
    expect(err).toContain("The command of --notify ended with status 3.");
    expect(readFileSync(notified, "utf8")).toContain("[CLI_PROJECT_MISSING]");
  });

  it("GIVEN a notifier of a variable that is not set THEN it is refused: it would tell of nothing", async () => {
    const { exitCode, out, err } = await renew("--notify", "");
    expect(err).toContain("--notify is empty. Give a shell command");
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: "" });
  });

  it("GIVEN an unexpected error THEN the notifier is told, and the error goes on", async () => {
    const notified = join(files.directory, "notified");
    const io = testIo({
      environment: process.env,
      interruption: () => {
        throw new TypeError("a bug");
      },
    });
    const flags = { verify: false, systemRoots: true, lockTimeout: 1, runInterval: 1, warnDays: 7 };
    const notifying = {
      project: files.directory,
      notify: `cat > ${notified}; echo $MAIL_SNI_EXIT_STATUS >> ${notified}`,
    };
    await expect(renewAll({ ...flags, ...notifying }, io, "1.2.3")).rejects.toThrow("a bug");
    expect(readFileSync(notified, "utf8")).toBe(
      "An unexpected error ended mail-sni renew. Its log has the error.\n2\n",
    );
  });

  it("GIVEN a CA file that cannot be read THEN 2 before anything is planned", async () => {
    stack("mail", withOutput);
    const { exitCode, err } = await renew("--stack", "mail", "--ca", join(files.directory, "none.pem"));
    expect(err).toContain("[CLI_CA_UNREADABLE]");
    expect(isApplied("mail")).toBe(false);
    expect(exitCode).toBe(2);
  });

  it("GIVEN --from the output with its table THEN it is run without cdktf.json", async () => {
    const tree = join(files.directory, "cdktf.out");
    files.write("cdktf.out/sni-table.json", readFileSync(join(files.directory, "sni-table.json"), "utf8"));
    const { exitCode, out } = await ran(["renew", "--from", tree, "--engine", engine, "--no-verify"], {
      environment: process.env,
    });
    expect(out.match(/no renewal is due/g)).toHaveLength(2);
    expect(exitCode).toBe(0);
  });

  it("GIVEN a run that is interrupted before it begins THEN 2", async () => {
    const { exitCode, out } = await ran(
      ["renew", "--project", files.directory, "--engine", engine, "--no-verify"],
      { environment: process.env, interruption: AbortSignal.abort() },
    );
    for (const name of ["mail", "backup"])
      expect(out).toContain(`${name}: stopped by a signal: nothing was applied.\n`);
    expect(exitCode).toBe(2);
  });

  it("GIVEN a signal during the first of two stacks THEN 2, and a line says that the second one was not run", async () => {
    for (const name of ["mail", "backup"]) stack(name, withOutput);
    const slow = files.engine(
      `trap "" INT\n${ENGINE}\n[ "$1" != apply ] || until [ -e ../../heard ]; do sleep 0.05; done`,
    );
    const controller = new AbortController();
    const names = () => ["mail", "backup"].filter(isApplied);
    const poll = setInterval(() => {
      if (names().length === 0) return;
      controller.abort();
      files.write("cdktf.out/heard", "");
    }, 20);
    const { exitCode, out } = await ran(
      ["renew", "--project", files.directory, "--engine", slow, "--no-verify"],
      { environment: process.env, interruption: controller.signal },
    ).finally(() => clearInterval(poll));
    expect(names()).toHaveLength(1);
    expect(out).toMatch(/^\w+: applied: /m);
    expect(out).toMatch(/^\w+: stopped by a signal: nothing was applied\.$/m);
    expect(exitCode).toBe(2);
  });
});
