import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const AXE = readFileSync(createRequire(__filename).resolve("axe-core/axe.min.js"), "utf8");

/** The rules of axe, by their names. */
export interface AxeSummary {
  readonly passes: readonly string[];
  readonly violations: readonly string[];
}

/** Has axe check a page, whose Content-Security-Policy has to be bypassed. */
export async function checkedByAxe(page: Page): Promise<AxeSummary> {
  await page.addScriptTag({ content: AXE });
  return (await page.evaluate(RUN_AXE)) as AxeSummary;
}

const RUN_AXE = `axe.run().then(({ passes, violations }) => ({
  passes: passes.map(({ id }) => id),
  violations: violations.map(({ id }) => id),
}))`;
