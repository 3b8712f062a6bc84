import { describe, expect, it } from "vitest";
import { finding } from "../../../../lib/cli/verify/judgement/finding";
import { type Result, Summary } from "../../../../lib/cli/verify/judgement/summary";
import { OpenMetricsReport } from "../../../../lib/cli/verify/reports/open-metrics";
import { HARMLESS, resultsOf } from "../support/hostile-result";

describe("OpenMetricsReport", () => {
  function reported(results: readonly Result[]): string[] {
    const report = new OpenMetricsReport(new Date("2026-11-28T10:00:00Z"));
    for (const result of results) report.add(result);
    return report.end(new Summary()).split("\n");
  }

  it("GIVEN handshakes with the same labels, such as of two stacks, THEN a series is there once, and the worst counts", () => {
    const [result] = resultsOf(HARMLESS) as [Result];
    const wrong = { ...result, findings: [finding("error", "VERIFY_EXPIRED", "p", "r")] };
    const right = { ...result, findings: [] };
    for (const results of [
      [wrong, right],
      [right, wrong],
    ]) {
      const series = reported(results).map((line) => line.replace(/ [^ ]+$/, ""));
      const metrics = series.filter((one) => one.startsWith("mail_sni_"));
      expect(new Set(metrics).size).toBe(metrics.length);
      expect(reported(results).find((line) => line.startsWith("mail_sni_served_right{"))).toMatch(/ 0$/);
    }
  });
});
