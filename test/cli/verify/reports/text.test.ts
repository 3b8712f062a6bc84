import { describe, expect, it } from "vitest";
import { TrustStore } from "../../../../lib/cli/verify/chain/trust-store";
import { finding } from "../../../../lib/cli/verify/judgement/finding";
import { judge } from "../../../../lib/cli/verify/judgement/judgement";
import { type Result, Summary } from "../../../../lib/cli/verify/judgement/summary";
import { TextReport } from "../../../../lib/cli/verify/reports/text";
import { HandshakeError } from "../../../../lib/shared/tls/handshake-error";
import type { Outcome } from "../../../../lib/shared/tls/schedule";
import { question } from "../support/questions";

const terminal = { hasColour: false, hasProgress: false };
const refused = HandshakeError.ofConnection("refused", new Error("ECONNREFUSED"));

function result(name: string, port: number, kind: "failed" | "not-asked"): Result {
  const about = question({ name, port });
  const outcome: Outcome = { kind, error: refused };
  return {
    question: about,
    outcome,
    findings: judge(about, outcome, { trust: new TrustStore([]), at: new Date() }),
  };
}

it("GIVEN names that were not asked THEN each endpoint has one line for all of them, at the end", () => {
  const report = new TextReport({ terminal, isVerbose: false });
  const summary = new Summary();
  const lines: string[] = [];
  for (const port of [993, 465]) {
    for (const [index, name] of ["a.test", "b.test", "c.test", "d.test"].entries()) {
      const one = result(name, port, index === 0 ? "failed" : "not-asked");
      summary.add(one);
      lines.push(report.add(one));
    }
  }
  expect(lines.join("")).toMatch(
    /^error {3}a\.test at .* port 993 .*\nerror {3}a\.test at .* port 465 .*\n$/,
  );
  const end = report.end(summary).split("\n");
  expect(end[0]).toMatch(
    /^error {3}3 more at mx1 \(127\.0\.0\.1\) port 993 \(tls\): Not asked, since .* refused/,
  );
  expect(end[1]).toMatch(/^error {3}3 more at mx1 \(127\.0\.0\.1\) port 465 /);
  expect(end[2]).toBe(
    "No server could be asked. 0 of 8 handshakes are right; 8 errors, 0 warnings, 0 notes.",
  );
  expect(report.rest()).toBe("");
});

describe("many handshakes with the same finding", () => {
  const OTHERS = 25;

  /** What a report says of as many names at one port, and then of one at another. */
  function reported(isVerbose: boolean): string[] {
    const report = new TextReport({ terminal, isVerbose });
    const summary = new Summary();
    const results = [
      ...Array.from({ length: OTHERS }, (_, index) => result(`n${index}.test`, 993, "failed")),
      {
        ...result("late.test", 465, "failed"),
        findings: [finding("error", "VERIFY_ALERT", "It ends.", "Look.")],
      },
    ];
    const lines = results.map((one) => {
      summary.add(one);
      return report.add(one);
    });
    return [...lines, report.end(summary)].join("").split("\n").slice(0, -2);
  }

  it("THEN ten have a line each, the rest have one at the end, and another finding has its own", () => {
    const lines = reported(false);
    expect(lines.slice(0, 10).map((line) => line.split(" at ")[0])).toEqual(
      Array.from({ length: 10 }, (_, index) => `error   n${index}.test`),
    );
    expect(lines[10]).toMatch(/^error {3}late\.test at .* It ends\. Look\. \[VERIFY_ALERT\]$/);
    expect(lines.slice(11)).toEqual([
      expect.stringMatching(/^error {3}15 more handshakes at mx1: .*refused.*\[VERIFY_NO_ANSWER\]$/),
    ]);
  });

  it("GIVEN --verbose THEN each has a line", () => {
    expect(reported(true)).toHaveLength(OTHERS + 1);
  });
});
