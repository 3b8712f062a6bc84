import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as fc from "fast-check";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Result } from "../../../lib/cli/verify/judgement/summary";
import { HARMLESS, hostileTexts, MARKUP, resultsOf } from "../../cli/verify/support/hostile-result";
import { pageOf, sampleResults } from "../../cli/verify/support/sample";
import { checkedByAxe } from "../../support/axe";
import { startChromium } from "../../support/chromium";
import { expectPicture } from "../../support/picture";
import { chromium, describeIf } from "../../support/requirements";

const ONE_SCREEN = { width: 1440, height: 1000 };

describeIf(chromium, "the page of verify, in Chromium", () => {
  let directory: string;
  let browser: Browser;
  let results: Result[];

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "mail-sni-page-"));
    browser = await startChromium();
    results = await sampleResults(100);
  });

  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** The page of some results, as a reader opens the file. */
  async function opened(of: readonly Result[], options: BrowserContextOptions = {}): Promise<Page> {
    return openedMarkup(pageOf(of), options);
  }

  async function openedMarkup(markup: string, options: BrowserContextOptions = {}): Promise<Page> {
    const file = join(directory, "verify.html");
    writeFileSync(file, markup);
    const context = await browser.newContext({ viewport: ONE_SCREEN, ...options });
    const page = await context.newPage();
    await page.goto(pathToFileURL(file).href);
    return page;
  }

  const rowsOf = (page: Page) => page.locator("#handshakes tbody tr");
  const shown = (page: Page) => page.getByRole("status");
  const headerOf = (page: Page, name: string) => page.getByRole("columnheader", { name, exact: true });
  /** The texts of a column, as far as it is in the table. */
  const column = (page: Page, number: number): Promise<string[]> =>
    page.locator(`#handshakes tbody tr > :nth-child(${number})`).allInnerTexts();
  const isFocused = (locator: Locator) => expect.poll(() => locator.evaluate(hasFocus)).toBe(true);

  describe("accessibility", () => {
    const looks: [string, BrowserContextOptions][] = [
      ["light", { colorScheme: "light" }],
      ["dark", { colorScheme: "dark" }],
      ["a narrow screen", { viewport: { width: 400, height: 800 } }],
      ["no script", { javaScriptEnabled: false }],
    ];

    it.each(looks)("GIVEN %s THEN axe finds nothing", async (_, look) => {
      const few = results.filter(({ findings }, index) => findings.length > 0 || index % 20 === 0);
      for (const of of [few, []]) {
        const { javaScriptEnabled, ...rest } = look;
        // Without scripts axe cannot run either: the page's own is taken out instead.
        const markup = pageOf(of);
        const seen = javaScriptEnabled === false ? markup.replace(/<script>.*?<\/script>/gs, "") : markup;
        const page = await openedMarkup(seen, { ...rest, bypassCSP: true });
        const { passes, violations } = await checkedByAxe(page);
        expect(violations).toEqual([]);
        expect(passes).toContain("color-contrast");
      }
    });

    it("GIVEN something wrong THEN axe would find it", async () => {
      const broken = pageOf([]).replace("<label>Filter ", "").replace("</label>", "");
      const page = await openedMarkup(broken, { bypassCSP: true });
      expect((await checkedByAxe(page)).violations).toContain("label");
    });

    it("THEN a screen reader has tables with captions, headers of rows and columns, and a labelled filter", async () => {
      const page = await opened(results);
      const table = page.getByRole("table", { name: "What each server presents for each name" });
      expect(await table.getByRole("columnheader").count()).toBe(8);
      expect(await table.getByRole("rowheader").first().innerText()).toBe("imap.domain5.example");
      expect(await page.getByRole("table", { name: "How often each finding occurs" }).count()).toBe(1);
      expect(await page.getByRole("searchbox", { name: "Filter" }).count()).toBe(1);
      expect(await page.getByRole("combobox", { name: "Status" }).count()).toBe(1);
      expect(await page.getByRole("link", { name: "error domain11.example expired" }).count()).toBe(1);
    });

    it("GIVEN a preference for reduced motion THEN nothing is animated", async () => {
      for (const [reducedMotion, behaviour] of [
        ["reduce", "auto"],
        ["no-preference", "smooth"],
      ] as const) {
        const page = await opened(results, { reducedMotion });
        expect(await page.evaluate("getComputedStyle(document.documentElement).scrollBehavior")).toBe(
          behaviour,
        );
      }
    });
  });

  describe("sorting", () => {
    it("GIVEN a keyboard THEN each header sorts, and says how", async () => {
      const page = await opened(results);
      const name = headerOf(page, "Name");
      expect(await headerOf(page, "Status").getAttribute("aria-sort")).toBe("ascending");
      await name.getByRole("button").focus();
      await page.keyboard.press("Enter");
      expect(await name.getAttribute("aria-sort")).toBe("ascending");
      expect(await headerOf(page, "Status").getAttribute("aria-sort")).toBeNull();
      expect((await column(page, 2)).filter((_, index) => index % 4 === 0).slice(0, 3)).toEqual([
        "imap.domain1.example",
        "imap.domain2.example",
        "imap.domain3.example",
      ]);
      await page.keyboard.press("Space");
      expect(await name.getAttribute("aria-sort")).toBe("descending");
      expect((await column(page, 2))[0]).toBe("smtp.domain100.example");
      expect(await shown(page).innerText()).toContain("sorted by name, descending");
    });

    it("GIVEN days THEN they are numbers, and rows without come last either way", async () => {
      const page = await opened(results);
      await page.getByRole("searchbox").fill("domain5.example domain");
      const header = headerOf(page, "Days left");
      const days = async () => (await column(page, 7)).map((text) => text.split("\n")[0]);
      for (const _ of ["ascending", "descending"]) {
        await header.getByRole("button").click();
        expect((await days()).slice(-2)).toEqual(["", ""]);
      }
      await page.getByRole("searchbox").fill("");
      await expect.poll(async () => (await days())[0]).toBe("87");
      await header.getByRole("button").click();
      expect((await days()).filter((_, index) => index % 8 === 0).slice(0, 3)).toEqual(["-2", "9", "30"]);
    });
  });

  describe("the filter", () => {
    it("GIVEN words THEN rows that have all of them are shown, with their domains and their number", async () => {
      const page = await opened(results);
      expect(await shown(page).innerText()).toBe(
        "800 of 800 handshakes, sorted by status, ascending, the first 500 are shown",
      );
      await page.getByRole("searchbox").fill("IMAP.domain4 mx1");
      await expect.poll(() => rowsOf(page).count()).toBe(88);
      expect(await shown(page).innerText()).toBe("88 of 800 handshakes, sorted by status, ascending");
      expect(await page.locator("#domains li:visible").count()).toBe(11);
      await page.getByRole("combobox").selectOption("error");
      await expect.poll(() => column(page, 2)).toEqual(Array(4).fill("smtp.domain42.example"));
      await page.getByRole("searchbox").fill("nowhere");
      await expect.poll(() => shown(page).innerText()).toContain("0 of 800");
      expect(await page.locator("#domains li:visible").count()).toBe(0);
    });

    it("GIVEN a finding that is pressed THEN its handshakes are shown", async () => {
      const page = await opened(results);
      await page.getByRole("button", { name: "VERIFY_EXPIRED", exact: true }).press("Enter");
      expect(await rowsOf(page).count()).toBe(8);
      await isFocused(page.getByRole("searchbox"));
    });

    it("GIVEN a domain that is followed THEN its first row has the focus, wherever it is", async () => {
      const page = await opened(results);
      for (const name of ["domain23.example", "domain100.example"]) {
        await page.getByRole("link", { name }).click();
        const row = page.locator("tr:focus");
        expect(await row.locator("th").innerText()).toBe(`imap.${name}`);
        expect(await row.isVisible()).toBe(true);
      }
    });

    it("GIVEN more rows than are shown at once THEN a button and a printer show all", async () => {
      const page = await opened(results);
      expect(await rowsOf(page).count()).toBe(500);
      await page.evaluate("dispatchEvent(new Event('beforeprint'))");
      expect(await rowsOf(page).count()).toBe(800);
      await page.evaluate("dispatchEvent(new Event('afterprint'))");
      expect(await rowsOf(page).count()).toBe(500);
      await page.getByRole("button", { name: "Show all" }).click();
      expect(await rowsOf(page).count()).toBe(800);
      await isFocused(rowsOf(page).nth(500));
      expect(await page.getByRole("button", { name: "Show all" }).isVisible()).toBe(false);
    });
  });

  describe("without a script, and on paper", () => {
    it("GIVEN no JavaScript THEN everything is there, errors first, and nothing that does nothing", async () => {
      const page = await opened(results, { javaScriptEnabled: false });
      expect(await rowsOf(page).count()).toBe(800);
      expect((await column(page, 1))[0]).toBe("error");
      expect(await page.locator("button:visible, input:visible, select:visible").count()).toBe(0);
      await page.getByRole("link", { name: "domain42.example" }).click();
      const target = page.locator("tr:target");
      expect(await target.locator("th").innerText()).toBe("smtp.domain42.example");
    });

    it("GIVEN a script that the browser blocks THEN everything is shown, too", async () => {
      for (const page of [
        await opened(results, { javaScriptEnabled: false }),
        await openedMarkup(pageOf(results).replace(/script-src [^;]+/, "script-src 'none'")),
      ]) {
        expect(await page.locator("#handshakes tbody tr:visible").count()).toBe(800);
      }
    });

    it("GIVEN a printer THEN there are no controls, and every domain", async () => {
      const page = await opened(results);
      await page.emulateMedia({ media: "print", colorScheme: "dark" });
      expect(await page.locator("#controls").isVisible()).toBe(false);
      expect(await page.locator("#more").isVisible()).toBe(false);
      expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe(
        "rgb(255, 255, 255)",
      );
      const list = page.locator("#domains");
      expect(await list.evaluate(showsAll)).toBe(true);
    });
  });

  describe("a hundred domains", () => {
    it("THEN one screen has them all, the worst first", async () => {
      const page = await opened(results);
      const box = await page.locator("#domains").boundingBox();
      expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThan(ONE_SCREEN.height);
      expect(await page.locator("#domains").evaluate(showsAll)).toBe(true);
      expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    });

    it("THEN the picture of the docs shows them and the first handshakes", async () => {
      const page = await opened(results, { viewport: { width: ONE_SCREEN.width, height: 1260 } });
      expect(await rowsOf(page).first().isVisible()).toBe(true);
      await expectPicture(page, "verify-page.png");
    });
  });

  describe("what comes from outside", () => {
    it("GIVEN the page THEN it asks for nothing, and its policy has nothing to object to", async () => {
      const page = await (await browser.newContext()).newPage();
      const requests: string[] = [];
      const complaints: string[] = [];
      page.on("request", (request) => requests.push(request.url()));
      page.on("console", (message) => complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(error.message));
      const file = join(directory, "verify.html");
      writeFileSync(file, pageOf(results));
      await page.goto(pathToFileURL(file).href);
      expect(await page.locator("#controls").isVisible()).toBe(true);
      expect(requests).toEqual([pathToFileURL(file).href]);
      expect(complaints).toEqual([]);
    });

    it("GIVEN markup that were not escaped THEN the policy keeps it from doing anything", async () => {
      const evil = MARKUP.join("");
      const page = await openedMarkup(
        pageOf(results).replace("<h1>", `${evil}<img src="https://evil.tld"><h1>`),
      );
      expect(await page.evaluate("globalThis.evil")).toBeUndefined();
      expect(await page.locator("#controls").isVisible()).toBe(true);
    });

    it("GIVEN each kind of markup in all places THEN it is text", async () => {
      const everywhere = MARKUP.flatMap((text) => {
        const texts = Object.keys(HARMLESS).map((place) => [place, `${place}${text}`]);
        return resultsOf({ ...HARMLESS, ...Object.fromEntries(texts) });
      });
      const page = await openedMarkup(pageOf(everywhere), { bypassCSP: true });
      expect(await page.evaluate("globalThis.evil")).toBeUndefined();
      expect(await page.locator("h1").count()).toBe(1);
      expect(await page.locator("img, svg, base").count()).toBe(0);
      expect(await column(page, 2)).toContain("name<img src=x onerror='globalThis.evil = true'>");
    });

    it("GIVEN any texts THEN the browser finds the same elements and attributes", async () => {
      const page = await (await browser.newContext()).newPage();
      const skeleton = (markup: string) => page.evaluate(`(${SKELETON})(${JSON.stringify(markup)})`);
      const harmless = await skeleton(pageOf(resultsOf(HARMLESS)));
      await fc.assert(
        fc.asyncProperty(hostileTexts, async (outside) => {
          fc.pre(
            outside.address !== outside.host && outside.address !== "" && outside.name !== outside.domain,
          );
          expect(await skeleton(pageOf(resultsOf(outside)))).toEqual(harmless);
        }),
        { numRuns: 300 },
      );
    });
  });
});

// What runs in the browser is text: its globals are none of this program's.
const SKELETON = `(markup) => {
  const parsed = new DOMParser().parseFromString(markup, "text/html");
  return [...parsed.querySelectorAll("*")]
    .map(({ localName, attributes }) => [localName, ...[...attributes].map(({ name }) => name)].join(" "))
    .sort();
}`;

function hasFocus(element: { readonly ownerDocument: { readonly activeElement: unknown } }): boolean {
  return element.ownerDocument.activeElement === element;
}

function showsAll(element: { readonly scrollHeight: number; readonly clientHeight: number }): boolean {
  return element.scrollHeight <= element.clientHeight;
}
