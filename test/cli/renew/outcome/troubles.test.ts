import { describe, expect, it } from "vitest";
import type { StackRun } from "../../../../lib/cli/renew/outcome/stack-run";
import { exitCodeOf, firstExpiry, troublesOf } from "../../../../lib/cli/renew/outcome/troubles";
import { HOST } from "../../../../lib/provider/messages/hosts";
import { facts, options, stackRun } from "../support/runs";

const warning = (summary: string) => ({ severity: "warning" as const, summary, detail: "", address: null });
const failed: Partial<StackRun> = { outcome: { kind: "failed", problem: null } };
const refused: Partial<StackRun> = { outcome: { kind: "refused", refusals: [] } };
const unplanned: Partial<StackRun> = { outcome: { kind: "unplanned", problem: "" } };

describe("what is wrong after a run", () => {
  it.each<[string, Parameters<typeof facts>, string[]]>([
    ["current", [{ "a.tld": [60, 30] }], []],
    ["of a short life, and current", [{ "a.tld": [5, 2] }], []],
    ["due, with time left", [{ "a.tld": [20, -1] }], []],
    [
      "due, and near its end",
      [{ "a.tld": [6, -1] }],
      ["a.tld expires in 6 d, at 2026-12-07T00:00:00Z; its renewal has been due since 2026-11-30T00:00:00Z"],
    ],
    [
      "overdue",
      [{ "a.tld": [20, -3] }],
      ["a.tld expires in 20 d, at 2026-12-21T00:00:00Z; its renewal has been due since 2026-11-28T00:00:00Z"],
    ],
    ["expired", [{ "a.tld": [-1, -30] }], ["a.tld expired at 2026-11-30T00:00:00Z"]],
    ["current, with something pending", [{}, { mx1: ["one"], mx2: [] }], ["Pending on mx1: one"]],
  ])("GIVEN a certificate that is %s THEN it says so", (_, [certificates, pending], troubles) => {
    const run = stackRun({ facts: facts(certificates, pending) });
    expect(troublesOf(run, options)).toEqual(troubles);
    expect(exitCodeOf([run], options)).toBe(troubles.length > 0 ? 1 : 0);
  });

  it.each([HOST.takenAsItWas("mx1"), HOST.impostorTakenAsItWas("mx1"), HOST.unusableTakenAsItWas("mx1")])(
    "GIVEN a plan with the warning '%s' THEN it is an error, in the provider's words",
    (summary) => {
      const run = stackRun({ diagnostics: [warning(summary), warning(HOST.isGone("mx2"))] });
      expect(troublesOf(run, options)).toEqual([summary]);
      expect(exitCodeOf([run], options)).toBe(1);
    },
  );

  it("GIVEN public facts that cannot be read THEN that is an error: nothing else says what is late or pending", () => {
    const run = stackRun({ facts: null, factsProblem: "No access." });
    expect(troublesOf(run, options)).toEqual([
      "Which certificates are near their end, and what is pending, is not known: No access.",
    ]);
    expect(exitCodeOf([run], options)).toBe(1);
  });

  it.each([
    [1, "1 more message of the engine is left out"],
    [200, "200 more messages of the engine are left out"],
  ])(
    "GIVEN more messages than are kept (%d) THEN that is an error: one may be of a host that was not reached",
    (omittedDiagnostics, words) => {
      const run = stackRun({ omittedDiagnostics });
      expect(troublesOf(run, options)).toEqual([`Whether each host was reached is not known: ${words}`]);
      expect(exitCodeOf([run], options)).toBe(1);
    },
  );

  it("GIVEN a renewal that failed with time left THEN the warning alone is no error", () => {
    const run = stackRun({ diagnostics: [warning("No new certificate")] });
    expect(exitCodeOf([run], options)).toBe(0);
  });

  it("GIVEN certificates THEN the first to end is found, whatever is due; GIVEN none THEN nothing", () => {
    const run = stackRun({ facts: facts({ "a.tld": [60, -1], "b.tld": [40, 30], "c.tld": [50, 1] }) });
    expect(firstExpiry(run, options)?.domain).toBe("b.tld");
    expect(firstExpiry(stackRun({ facts: facts({}) }), options)).toBeNull();
    expect(firstExpiry(stackRun({ facts: null }), options)).toBeNull();
  });
});

describe("the exit status", () => {
  it.each<[string, Partial<StackRun>[], number]>([
    ["all well", [{}, { outcome: { kind: "applied" } }], 0],
    ["a refusal", [{}, refused], 4],
    ["a refusal, however near an end is", [{ ...refused, facts: facts({ "a.tld": [1, -20] }) }], 4],
    ["a plan that cannot be made", [{}, unplanned], 2],
    ["a plan that cannot be made, and a refusal", [unplanned, refused], 4],
    ["an apply that failed, and a refusal", [refused, failed, unplanned], 1],
    ["a stale plan", [{ outcome: { kind: "stale" } }], 1],
    ["a stop before the apply", [{ outcome: { kind: "stopped", hasBegun: false } }], 2],
    ["a stop during the apply", [{ outcome: { kind: "stopped", hasBegun: true } }], 1],
    ["hosts that cannot be asked", [{ verification: { kind: "skipped", reason: "", exitCode: 2 } }], 2],
    ["no stack", [], 2],
  ])("GIVEN %s THEN it is so", (_, runs, status) => {
    expect(exitCodeOf(runs.map(stackRun), options)).toBe(status);
  });
});
