import Ajv2020 from "ajv/dist/2020";
import { describe, expect, it } from "vitest";
import type { Examined } from "../../../../lib/cli/doctor/examination/examination";
import { failure, skipped, warning, well } from "../../../../lib/cli/doctor/examination/finding";
import { THIS_MACHINE } from "../../../../lib/cli/doctor/examination/subject";
import { jsonReport } from "../../../../lib/cli/doctor/reports/json";
import { DOCTOR_SCHEMA } from "../../../../lib/cli/doctor/reports/json-schema";
import { textReport } from "../../../../lib/cli/doctor/reports/text";
import { HOSTILE_WORDS, isPlain } from "../../../support/hostile-words";

const PLAIN = { hasColour: false, hasProgress: false };
const ON_HOST = { stack: "mail", host: "mx1", name: null };
const RESULTS: readonly Examined[] = [
  { check: "engine", subject: THIS_MACHINE, finding: well("terraform is version 1.12.2") },
  { check: "ssh", subject: ON_HOST, finding: warning("It is odd.", "Do this:\n\n  a line") },
  {
    check: "dns",
    subject: { ...ON_HOST, host: null, name: "a.tld" },
    finding: failure("It is gone.", "Restore it."),
  },
  { check: "clock", subject: ON_HOST, finding: skipped("it cannot be reached") },
];

describe("textReport", () => {
  it("THEN errors come first, each with its remedy below it, and the totals last", () => {
    expect(textReport(RESULTS, { terminal: PLAIN, isVerbose: false })).toBe(
      [
        "error   a.tld of stack mail: It is gone. [dns]",
        "        Restore it.",
        "warning host mx1 of stack mail: It is odd. [ssh]",
        "        Do this:",
        "",
        "          a line",
        "A deploy would fail: 1 error, 1 warning, 1 skipped.",
        "",
      ].join("\n"),
    );
  });

  it("GIVEN --verbose THEN what was skipped and what is right too", () => {
    const text = textReport(RESULTS, { terminal: PLAIN, isVerbose: true });
    expect(text).toContain("\nskipped host mx1 of stack mail: it cannot be reached. [clock]\n");
    expect(text).toContain("\nok      this machine: terraform is version 1.12.2. [engine]\n");
  });

  it("GIVEN a terminal THEN the states have colours", () => {
    const text = textReport(RESULTS, { terminal: { ...PLAIN, hasColour: true }, isVerbose: true });
    expect(text).toContain("\u001b[31merror  \u001b[0m a.tld");
  });

  describe("GIVEN a fault of many names", () => {
    const about = (name: string, check = "dns", parent = "") => ({
      check,
      subject: { stack: "mail", host: null, name },
      finding: warning(`${name} of ${parent} is elsewhere.`, `Correct ${name}.`),
    });
    const names = Array.from({ length: 20 }, (_, index) => `imap.domain${index}.tld`);
    const many = names.flatMap((name) => [about(name), about(name, "caa", name.replace("imap.", ""))]);
    const other = about("odd.tld", "dns", "another fault");
    const linesOf = (isVerbose: boolean) =>
      textReport([...many, other], { terminal: PLAIN, isVerbose }).split("\n");

    it("THEN five are shown whole, and one line has the others", () => {
      const lines = linesOf(false);
      for (const check of ["dns", "caa"]) {
        expect(lines.filter((line) => /^warning imap\./.test(line) && line.includes(check))).toHaveLength(5);
        const [rest, ...more] = lines.filter(
          (line) => line.startsWith("warning the same") && line.includes(check),
        );
        expect(more).toEqual([]);
        expect(rest).toBe(
          `warning the same for 15 more names: ${names.slice(5, 15).join(", ")} and 5 more. --verbose shows each. [${check}]`,
        );
      }
      expect(lines.at(-2)).toBe("A deploy would work: 0 errors, 41 warnings.");
    });

    it("THEN another finding of that check is shown", () => {
      expect(linesOf(false).join("\n")).toContain("odd.tld of another fault is elsewhere.");
    });

    it("WHEN --verbose THEN each is shown", () => {
      expect(linesOf(true).filter((line) => line.startsWith("warning imap."))).toHaveLength(40);
    });
  });

  it("GIVEN hostile words everywhere THEN they are plain text, and no line is made of them", () => {
    const subject = { stack: HOSTILE_WORDS, host: HOSTILE_WORDS, name: HOSTILE_WORDS };
    const finding = failure(HOSTILE_WORDS.repeat(1000), HOSTILE_WORDS);
    const text = textReport([{ check: "dns", subject, finding }], { terminal: PLAIN, isVerbose: false });
    expect(isPlain(text)).toBe(true);
    expect(text.split("\n").filter((line) => !/^(error| {8}|A deploy would fail|$)/.test(line))).toEqual([]);
    expect(text.length).toBeLessThan(20_000);
  });
});

describe("jsonReport", () => {
  const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true, validateFormats: false }).compile(
    DOCTOR_SCHEMA,
  );

  it("THEN it is valid, and has every finding and the exit status", () => {
    const document = JSON.parse(jsonReport(RESULTS, new Date(0)));
    expect(validate(document)).toBe(true);
    expect(document.findings).toHaveLength(4);
    expect(document.findings[2]).toEqual({
      check: "dns",
      stack: "mail",
      host: null,
      name: "a.tld",
      state: "error",
      text: "It is gone.",
      remedy: "Restore it.",
    });
    expect(document.summary).toEqual({ error: 1, warning: 1, skipped: 1, ok: 1, exitCode: 1 });
  });
});
