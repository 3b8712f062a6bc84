import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { PlanChanges } from "../../../lib/cli/plan/changes/plan-changes";
import { planChanges } from "../../../lib/cli/plan/changes/plan-changes";
import { htmlReport } from "../../../lib/cli/plan/reports/html/html";
import { everything, thousands } from "../../cli/plan/support/everything";
import { planned } from "../../cli/plan/support/plans";
import { samplePlan } from "../../cli/plan/support/sample";
import { checkedByAxe } from "../../support/axe";
import { startChromium } from "../../support/chromium";
import { expectPicture } from "../../support/picture";
import { chromium, describeIf } from "../../support/requirements";

const PICTURE = { width: 1440, height: 1090 };
const AT = new Date("2026-11-29T12:00:00Z");
const SCRIPT =
  "<script>document.title = 'taken over'</script><img src=x onerror=\"document.title = 'taken over'\">";

describeIf(chromium, "the page of plan, in Chromium", () => {
  let directory: string;
  let browser: Browser;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "mail-sni-plan-page-"));
    browser = await startChromium();
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function opened(changes: PlanChanges, options: BrowserContextOptions = {}): Promise<Page> {
    const file = join(directory, "plan.html");
    writeFileSync(file, htmlReport(changes, AT));
    const page = await (await browser.newContext(options)).newPage();
    await page.goto(pathToFileURL(file).href);
    return page;
  }

  it.each<[string, BrowserContextOptions]>([
    ["light", { colorScheme: "light" }],
    ["dark", { colorScheme: "dark" }],
    ["a narrow screen", { viewport: { width: 400, height: 800 } }],
  ])("GIVEN %s THEN axe finds nothing", async (_, look) => {
    for (const changes of [samplePlan(), everything("x"), planChanges([planned([])], null)]) {
      const page = await opened(changes, { ...look, bypassCSP: true });
      const { passes, violations } = await checkedByAxe(page);
      expect(violations).toEqual([]);
      expect(passes).toContain("color-contrast");
      await page.context().close();
    }
  });

  it("THEN the picture of the docs shows what changes for whom", async () => {
    const page = await opened(samplePlan(), { viewport: PICTURE });
    const domains = await page.getByRole("table", { name: "Domains", exact: true }).boundingBox();
    expect((domains?.y ?? PICTURE.height) + (domains?.height ?? 0)).toBeLessThan(PICTURE.height);
    await expectPicture(page, "plan-page.png");
    await page.context().close();
  });

  it("GIVEN markup from outside THEN it is text, also with the policy bypassed", async () => {
    const page = await opened(everything(SCRIPT), { bypassCSP: true });
    expect(await page.title()).toBe("mail-sni plan: danger");
    expect(await page.locator("img, script").count()).toBe(0);
    expect(await page.getByText("taken over").count()).toBeGreaterThan(10);
    await page.context().close();
  });

  it("GIVEN five thousand domains THEN the page has a table for each part, by its name", async () => {
    const page = await opened(thousands(2500));
    for (const name of ["Served differently", "Removed from hosts", "Domains", "Hosts"]) {
      expect(await page.getByRole("table", { name, exact: true }).count()).toBe(1);
    }
    expect(await page.getByRole("table", { name: "Removed from hosts" }).getByRole("row").count()).toBe(2501);
    await page.context().close();
  });
});
