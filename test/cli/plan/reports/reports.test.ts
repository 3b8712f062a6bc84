import Ajv2020 from "ajv/dist/2020";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PlanChanges } from "../../../../lib/cli/plan/changes/plan-changes";
import { htmlReport } from "../../../../lib/cli/plan/reports/html/html";
import { jsonReport } from "../../../../lib/cli/plan/reports/json";
import { PLAN_SCHEMA } from "../../../../lib/cli/plan/reports/json-schema";
import { textReport } from "../../../../lib/cli/plan/reports/text";
import { HOSTILE_WORDS, isPlain } from "../../../support/hostile-words";
import { everything, thousands } from "../support/everything";

const AT = new Date("2026-11-29T12:00:00Z");
const PLAIN = { hasColour: false, hasProgress: false };
const validate = new Ajv2020({ strictTypes: false, formats: { "date-time": true } }).compile(PLAN_SCHEMA);

const texts = fc.oneof(
  fc.constantFrom(HOSTILE_WORDS, "", "<script>", "a\nb"),
  fc.string({ unit: "grapheme" }),
);

describe("the text of a plan", () => {
  it("GIVEN any text from outside THEN a terminal shows it and does nothing else", () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(isPlain(textReport(everything(text), PLAIN))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it("GIVEN any text that no column is too narrow for THEN lines stay lines", () => {
    const lines = (text: string) => textReport(everything(text), PLAIN).split("\n").length;
    const short = fc.oneof(fc.constantFrom(HOSTILE_WORDS, "a\nb"), fc.string({ maxLength: 8 }));
    fc.assert(
      fc.property(short, (text) => {
        expect(lines(text)).toBe(lines("harmless"));
      }),
      { numRuns: 100 },
    );
  });

  it("GIVEN more names than a column is wide THEN they continue below, and the other columns stay where they are", () => {
    const names = ["imap", "mail", "pop", "pop3", "smtp"].map((label) => `${label}.a-long-domain.example`);
    const { served, ...changes } = everything("x");
    const [name] = served?.names ?? [];
    if (served === null || name === undefined) throw new Error("No name is served differently.");
    const text = textReport({ ...changes, served: { ...served, names: [{ ...name, names }] } }, PLAIN);
    const lines = text.split("\n");
    const head = lines.find((line) => line.startsWith("  NAMES ")) as string;
    const row = lines.findIndex((line) => line.includes("imap.a-long-domain.example, mail"));
    expect(lines.slice(row, row + 3).map((line) => line.slice(0, head.indexOf("WHERE")).trimEnd())).toEqual([
      `  ${names[0]}, ${names[1]},`,
      `    ${names[2]}, ${names[3]},`,
      `    ${names[4]}`,
    ]);
    expect(lines[row]?.slice(head.indexOf("WHERE"))).toMatch(/^\S/);
  });

  it("GIVEN thousands of changes THEN each part has a hundred lines, and says how many more there are", () => {
    const text = textReport(thousands(2500), PLAIN);
    expect(text.split("\n").length).toBeLessThan(450);
    expect(text).toContain("… and 2400 more: --json has all.");
  });

  it("GIVEN a job THEN its line says what runs where, and why", () => {
    expect(textReport(everything("x"), PLAIN)).toMatch(
      /^ +x8 \(x\) +update: pending; runs x x on x, because x$/m,
    );
  });

  it("GIVEN old renewers THEN its line says what is switched off, and on again, on which host", () => {
    expect(textReport(everything("x"), PLAIN)).toContain(
      "update: planned_places; switches off on x: xa; switches on again on x: x; switches off again on x, because x",
    );
  });

  it("GIVEN a plan without changes whose provider warns THEN the first line says that there is something to read", () => {
    const warning = { stack: "x", severity: "warning", summary: "x", detail: "", address: null } as const;
    const firstLine = (...diagnostics: PlanChanges["diagnostics"]) =>
      textReport({ ...everything("x"), risk: "none", diagnostics }, PLAIN).split("\n")[0];
    expect(firstLine()).toBe("Risk: none. There is nothing to do.");
    expect(firstLine(warning)).toBe("Risk: none. There is nothing to do. But read the warning below.");
    expect(firstLine(warning, warning)).toMatch(/ But read the 2 warnings below\.$/);
  });

  it("GIVEN colours THEN the risk has one", () => {
    const [headline] = textReport(everything("x"), { ...PLAIN, hasColour: true }).split("\n");
    expect(headline?.startsWith("\u001b[31mRisk: danger\u001b[0m. ")).toBe(true);
  });
});

describe("the JSON of a plan", () => {
  it("GIVEN any text THEN it is as the schema says, with the text as it was", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const json = jsonReport(everything(text), AT, 2);
        const document = JSON.parse(json);
        expect(validate(document) ? [] : validate.errors).toEqual([]);
        expect(document.findings).toEqual([{ stack: text, text }]);
        expect(isPlain(json)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it("GIVEN thousands of changes THEN all are there", () => {
    const document = JSON.parse(jsonReport(thousands(2500), AT, 0));
    expect(document.domains).toHaveLength(5000);
    expect(document.hosts[0].files).toHaveLength(5000);
    expect(document.summary).toEqual({ domains: 5000, hosts: 1, names: 2500, exitCode: 0 });
  });
});

describe("the page of a plan", () => {
  /** The page's tags and their attributes, without any text. */
  const skeleton = (page: string) =>
    (page.replace(/<style>.*?<\/style>/s, "").match(/<[^>]*>/g) ?? []).map((tag) =>
      tag.replace(/"[^"]*"/g, '""'),
    );

  it("GIVEN any text THEN it has the same elements and attributes", () => {
    const harmless = skeleton(htmlReport(everything("harmless"), AT)).sort();
    fc.assert(
      fc.property(texts, (text) => {
        expect(skeleton(htmlReport(everything(text), AT)).sort()).toEqual(harmless);
      }),
      { numRuns: 50 },
    );
  });

  it("THEN it loads nothing, and forbids to", () => {
    const page = htmlReport(everything("x"), AT);
    expect(page).toMatch(
      /Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;sha256-/,
    );
    expect(page).not.toMatch(/<(script|link|img|iframe)|url\(|@import/);
  });
});
