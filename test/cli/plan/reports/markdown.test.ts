import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  GITHUB_LIMIT,
  markdownReport,
  SMALLEST_LIMIT,
} from "../../../../lib/cli/plan/reports/markdown/markdown";
import { HOSTILE_WORDS, isPlain } from "../../../support/hostile-words";
import { everything, thousands } from "../support/everything";

const ENOUGH = 10_000_000;

/** What Markdown does with code spans: nothing of what is in them is read. */
const skeleton = (markdown: string) => markdown.replace(/`[^`\n]*`/g, "`…`").replaceAll("(empty)", "`…`");
const spans = (markdown: string) => markdown.match(/`[^`\n]*`/g) ?? [];
const of = (text: string) => markdownReport(everything(text), ENOUGH);

const HOSTILE = [
  "@team",
  "#123",
  "`@team`",
  "``` \n# Title",
  "| a | b |",
  "a\\|b",
  "\\",
  "<script>alert(1)</script>",
  "</details>",
  "<!--",
  "![x](https://example.org/x.png)",
  "[x](javascript:alert(1))",
  "https://example.org/ user@example.org",
  "&lt;b&gt; &#64;team",
  "line\r\n\n| --- |",
  "$a^2$",
  "",
  " ",
  HOSTILE_WORDS,
];

describe("the Markdown of a plan", () => {
  // The order of rows, and what is the same, depends on the text, so rows are compared in any order.
  const sorted = (markdown: string) => skeleton(markdown).split("\n").sort();

  it.each(HOSTILE)(
    "GIVEN %j wherever a text can stand THEN it is code, and the document has the same form",
    (text) => {
      const markdown = of(text);
      expect(sorted(markdown)).toEqual(sorted(of("harmless")));
      expect(isPlain(markdown)).toBe(true);
      for (const span of spans(markdown)) expect(span).not.toContain("|");
    },
  );

  it("GIVEN any text THEN the same holds", () => {
    const harmless = sorted(of("harmless"));
    const text = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 60 }),
      fc.array(fc.constantFrom(...HOSTILE), { maxLength: 5 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(text, (given) => {
        const markdown = of(given);
        expect(sorted(markdown)).toEqual(harmless);
        expect(isPlain(markdown)).toBe(true);
        // What is not in a code span is of the program: it never has a character that begins a mention, a link or markup.
        const own = skeleton(markdown).replace(/<\/?(details|summary)>/g, "");
        expect(own).not.toMatch(/[@<[\]]|!\[|https?:|&/);
      }),
      { numRuns: 200 },
    );
  });

  it("GIVEN an empty text THEN no cell looks as if there was none", () => {
    expect(of("")).toContain("(empty)");
  });

  it("GIVEN thousands of renewals THEN they are one line with a number, whatever the limit is", () => {
    const markdown = markdownReport(thousands(2500), ENOUGH);
    expect(markdown).toContain("| 2500 domains: `d0.tld`, `d1.tld`,");
    expect(markdown).toContain("and 2490 more | renewed: due |");
    expect(markdown.match(/renewed: due/g)).toHaveLength(1);
    expect(markdown).toContain("2500 files with another certificate, of ");
  });

  it.each([GITHUB_LIMIT, 20_000, SMALLEST_LIMIT])(
    "GIVEN a limit of %i THEN it is kept, at the end of a line",
    (limit) => {
      const markdown = markdownReport(thousands(2500), limit);
      expect(markdown.length).toBeLessThanOrEqual(limit);
      expect(markdown).toContain(`**Cut to ${limit} characters: `);
      expect(markdown.endsWith("\n")).toBe(true);
      expect(markdown).toContain("**attention** Domains gone (2500): `gone-d0.tld`");
      // Tables have whole rows, and what is folded ends.
      for (const row of markdown.split("\n").filter((line) => line.startsWith("|")))
        expect(row).toMatch(/ \|$/);
      expect(markdown.match(/<details>/g)?.length).toBe(markdown.match(/<\/details>/g)?.length);
    },
  );

  it("GIVEN a limit THEN what was left out is counted, and served and removed names stay longest", () => {
    const whole = markdownReport(thousands(300), ENOUGH);
    const rowsOf = (markdown: string, title: string) => {
      const part = markdown.split(`### ${title}\n`)[1]?.split("\n### ")[0] ?? "";
      return part.split("\n").filter((line) => /^\| `/.test(line)).length;
    };
    const cut = markdownReport(thousands(300), whole.length - 10_000);
    expect(rowsOf(cut, "Served differently")).toBe(rowsOf(whole, "Served differently"));
    expect(rowsOf(cut, "Removed from hosts")).toBe(300);
    const left = 300 - rowsOf(cut, "Domains");
    expect(left).toBeGreaterThan(100);
    expect(cut).toContain(`*Domains: ${left + 1} more left out.*`);
  });
});
