import Ajv2020 from "ajv/dist/2020";
import { describe, expect, it } from "vitest";
import { OUTCOMES, type Outcome, type StackRun } from "../../../../lib/cli/renew/outcome/stack-run";
import { REFUSAL_CAUSES } from "../../../../lib/cli/renew/policy/refusal";
import { jsonReport } from "../../../../lib/cli/renew/reports/json";
import { RENEW_SCHEMA } from "../../../../lib/cli/renew/reports/json-schema";
import { textReport } from "../../../../lib/cli/renew/reports/text";
import { HOSTILE_WORDS, isPlain } from "../../../support/hostile-words";
import { facts, options, stackRun } from "../support/runs";

const refusals = REFUSAL_CAUSES.map((cause) => ({
  address: cause === "incomplete" ? null : "terraform_data.note",
  problem: "would be updated",
  cause,
}));
const outcomes: Readonly<Record<Outcome["kind"], Outcome>> = {
  unplanned: { kind: "unplanned", problem: "there is no engine" },
  refused: { kind: "refused", refusals },
  unchanged: { kind: "unchanged" },
  applied: { kind: "applied" },
  failed: { kind: "failed", problem: null },
  stale: { kind: "stale" },
  stopped: { kind: "stopped", hasBegun: true },
};
const diagnostic = { severity: "error" as const, summary: "No", detail: "Two\n  lines.", address: "a.b" };
const text = (run: Partial<StackRun>, from: string | null = null) =>
  textReport([stackRun(run)], { ...options, from });
const lines = (run: Partial<StackRun>, from?: string) => text(run, from).split("\n");

describe("the text of a run", () => {
  it("GIVEN nothing to do THEN it has what was verified, and the first expiry", () => {
    expect(lines({})).toEqual([
      "mail: no renewal is due, and there is nothing else to do.",
      "Verified: 9 of 9 handshakes are right; 0 errors, 0 warnings, 0 notes.",
      "First expiry: domain1.tld in 60 d, at 2027-01-30T00:00:00Z.",
      "",
    ]);
  });

  it.each<[string, Partial<StackRun>, string]>([
    [
      "renewed certificates",
      { outcome: outcomes.applied, renewed: ["a.tld", "b.tld"] },
      "2 certificates renewed: a.tld, b.tld.",
    ],
    [
      "a renewal that can wait",
      { outcome: outcomes.applied, due: ["a.tld"] },
      "applied, but not renewed: a.tld. The current certificates stay in use.",
    ],
    [
      "a restored file",
      { outcome: outcomes.applied },
      "applied: what was pending or missing on hosts is complete. No renewal was due.",
    ],
    [
      "no facts",
      { outcome: outcomes.applied, renewed: null, due: ["a.tld"], facts: null },
      "applied. Due: a.tld.",
    ],
    [
      "an apply that failed",
      { outcome: outcomes.failed, due: ["a.tld"] },
      "the apply failed. Finished changes stay in place, and the next run continues. Due: a.tld.",
    ],
    [
      "a stale plan",
      { outcome: outcomes.stale },
      "nothing was applied: another run changed the state after this one had planned. Run it again.",
    ],
    ["no plan", { outcome: outcomes.unplanned }, "nothing was renewed: there is no engine"],
    [
      "a signal",
      { outcome: outcomes.stopped },
      "stopped by a signal during the apply: the engine finished the changes that it had begun. Run it again.",
    ],
    [
      "a signal before",
      { outcome: { kind: "stopped", hasBegun: false } },
      "stopped by a signal: nothing was applied.",
    ],
  ])("GIVEN %s THEN the first line says it", (_, run, line) => {
    expect(lines(run)[0]).toBe(`mail: ${line}`);
  });

  it("GIVEN refusals THEN each has its line, and the ways out come last, once for each cause", () => {
    expect(
      lines({
        outcome: outcomes.refused,
        due: ["domain1.tld"],
        verification: { kind: "skipped", reason: "nothing was applied", exitCode: 0 },
      }),
    ).toEqual([
      "mail: nothing was applied: the plan has 4 changes that must not be made unattended.",
      "refused terraform_data.note: would be updated (a change that is not deployed)",
      "refused terraform_data.note: would be updated (it was changed on the host)",
      "refused terraform_data.note: would be updated (a resource of another provider)",
      "refused would be updated (the engine stopped early)",
      "Due, and not renewed because of this: domain1.tld.",
      "Not verified: nothing was applied.",
      "First expiry: domain1.tld in 60 d, at 2027-01-30T00:00:00Z.",
      "What to do: Deploy the reviewed change (cdktf deploy mail), or renew what is due from a copy of what was deployed last: mail-sni renew --from DIRECTORY.",
      "What to do: Overwrite the change on the host (cdktf deploy mail), or change the project to match the host.",
      "What to do: Deploy it (cdktf deploy mail), or give resources of other providers a stack of their own.",
      "What to do: Fix what the errors report.",
      "",
    ]);
  });

  it("GIVEN a refusal and nothing due THEN it says that nothing waits for it yet", () => {
    expect(lines({ outcome: outcomes.refused })).toContain("No renewal is due yet.");
  });

  it("GIVEN facts that cannot be read THEN it says why, that the first expiry is not known, and what was not compared", () => {
    const verification = { ...stackRun().verification, isWithoutFacts: true } as StackRun["verification"];
    expect(lines({ facts: null, factsProblem: "No access. [CLI_ENGINE_FAILED]", verification })).toEqual([
      "mail: no renewal is due, and there is nothing else to do.",
      "error   Which certificates are near their end, and what is pending, is not known: No access. [CLI_ENGINE_FAILED]",
      expect.stringMatching(
        /^Verified: .* not compared with those that the stack issued, because its output mail_sni cannot be read\.$/,
      ),
      "First expiry: not known.",
      "",
    ]);
  });

  it("GIVEN --from THEN an undeployed change means that the copy is another tree", () => {
    expect(text({ outcome: outcomes.refused }, "/srv/deployed")).toContain(
      "What to do: /srv/deployed is not a copy of what was deployed last: deploy (cdktf deploy mail), and make a new copy after each deploy.",
    );
  });

  it("GIVEN an apply that failed THEN the facts are said to be older, for the expiry and for verify", () => {
    const verification = { ...stackRun().verification, isWithoutFacts: true } as StackRun["verification"];
    const out = text({ outcome: outcomes.failed, renewed: null, verification });
    expect(out).toContain(
      "Certificates were not compared with those that the stack issued, because its output mail_sni is older",
    );
    expect(out).toContain("First expiry (before this run): domain1.tld");
  });

  it("GIVEN diagnostics and troubles THEN each is one line", () => {
    const run = { diagnostics: [diagnostic], facts: facts({}, { mx1: ["one\ntwo"] }) };
    expect(lines(run).slice(1, 3)).toEqual([
      "error   No: Two lines.",
      "error   Pending on mx1: one\\u000atwo",
    ]);
  });

  it("GIVEN more warnings than the report shows THEN the errors come before them", () => {
    const warnings = Array.from({ length: 40 }, (_, index) => ({
      ...{ severity: "warning" as const, summary: `Warning ${index}`, detail: "", address: null },
    }));
    const out = lines({ diagnostics: [...warnings, diagnostic] });
    expect(out[1]).toBe("error   No: Two lines.");
    expect(out).toContain("… and 11 more.");
  });

  it("GIVEN thousands of lines of each kind, and megabytes in one THEN the report is short", () => {
    const many = Array.from({ length: 5000 }, () => ({ ...diagnostic, detail: "x".repeat(4000) }));
    const verification = {
      ...stackRun().verification,
      lines: many.map(() => "error   x"),
    } as StackRun["verification"];
    const out = text({
      outcome: {
        kind: "refused",
        refusals: many.map(() => ({ ...refusals[0], problem: "y".repeat(1 << 16) }) as never),
      },
      diagnostics: many,
      verification,
    });
    expect(out.split("\n").length).toBeLessThan(110);
    expect(out.length).toBeLessThan(60_000);
    expect(out).toContain("… and 4970 more. mail-sni verify --through-ssh --stack mail shows each.");
  });
});

describe("both reports", () => {
  const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true, validateFormats: false }).compile(
    RENEW_SCHEMA,
  );
  const hostile = HOSTILE_WORDS;
  const runs = OUTCOMES.map((kind) =>
    stackRun({
      stack: hostile,
      outcome: kind === "unplanned" ? { kind, problem: hostile } : outcomes[kind],
      due: [hostile],
      renewed: kind === "failed" ? null : [hostile],
      diagnostics: [{ ...diagnostic, summary: hostile, detail: hostile, address: hostile }],
      facts: facts({ [hostile]: [1, -1] }, { [hostile]: [hostile] }),
      factsProblem: kind === "applied" ? hostile : null,
      verification: { kind: "skipped", reason: hostile, exitCode: 0 },
    }),
  );

  it("GIVEN hostile words in every place THEN they are plain, and stay on their line", () => {
    const out = textReport(runs, { ...options, from: hostile });
    expect(out).toContain("Apply complete!");
    expect(isPlain(out)).toBe(true);
    expect(isPlain(jsonReport(runs, options))).toBe(true);
  });

  it("THEN the JSON document follows its schema, which allows nothing less", () => {
    const document = JSON.parse(jsonReport([...runs, stackRun(), stackRun({ facts: null })], options));
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    expect(document.summary).toEqual({ exitCode: 1 });
    expect(document.stacks.map(({ factsProblem }: StackRun) => factsProblem)).toContain(hostile);
    expect(document.stacks[1]).toMatchObject({ stack: hostile, outcome: "refused", exitCode: 4, refusals });
    for (const key of Object.keys(document.stacks[0])) {
      const { [key]: _, ...less } = document.stacks[0];
      expect(validate({ ...document, stacks: [less] })).toBe(false);
    }
  });
});
