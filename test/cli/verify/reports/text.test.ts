import { expect, it } from "vitest";
import { TrustStore } from "../../../../lib/cli/verify/chain/trust-store";
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
  expect(report.notAsked()).toBe("");
});
