import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { RISKS } from "../../lib/cli/plan/changes/risk";
import { codeBlocks, textOf } from "./support/code-blocks";

const REVIEWED = resolve(__dirname, "../e2e/plan/reviewed");

describe("docs/plan.md", () => {
  it("has the screens that the tests made", () => {
    const screens = codeBlocks("docs/plan.md")
      .map(({ code }) => code.trimEnd())
      .filter((code) => code.startsWith("Risk: "));
    expect(screens).toEqual(["domain-gone", "renewal-due"].map(screenOf));
  });

  it("has each risk", () => {
    for (const risk of RISKS) expect(textOf("docs/plan.md")).toContain(`\n| \`${risk}\` | `);
  });
});

/** Without the warnings of the rules, which are long. */
function screenOf(name: string): string {
  const text = readFileSync(resolve(REVIEWED, `${name}.txt`), "utf8");
  const [screen = ""] = text.split("\n\nWarnings of the rules");
  return screen.replaceAll("TIME", "2026-12-20T10:00:00Z");
}
