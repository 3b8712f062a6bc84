import { expect, it } from "vitest";
import { finding } from "../../../../lib/cli/import/findings/finding";
import { textReport } from "../../../../lib/cli/import/reports/text";
import { HOSTILE_WORDS, isPlain } from "../../../support/hostile-words";

it("GIVEN paths and values of any length THEN each line is short, and plain on a terminal", () => {
  const long = `/${HOSTILE_WORDS}`.repeat(10_000);
  const about = { names: Array(20).fill(long), places: [`${long}1`, `${long}2`] };
  const findings = [finding("webroot", "note", `Tokens are written to ${long}.`, `Serve ${long}.`, about)];
  const result = { host: long, parts: [long], findings, declared: [], program: null, defaultDomain: null };
  const report = textReport(result, { hasColour: false, hasProgress: false });
  expect(isPlain(report)).toBe(true);
  expect(Math.max(...report.split("\n").map((line) => line.length))).toBeLessThan(5000);
  expect(report).toContain("Apply complete!");
});
