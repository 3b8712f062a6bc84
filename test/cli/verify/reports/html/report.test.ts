import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { type Result, Summary } from "../../../../../lib/cli/verify/judgement/summary";
import { TextReport } from "../../../../../lib/cli/verify/reports/text";
import { HARMLESS, hostileTexts, resultsOf } from "../../support/hostile-result";
import { question } from "../../support/questions";
import { pageOf, sampleResults } from "../../support/sample";

let results: Result[];
let page: string;

beforeAll(async () => {
  results = await sampleResults(100);
  page = pageOf(results);
});

/** The texts of all elements of a name, as a browser shows them. */
function texts(markup: string, element: string): string[] {
  const found = markup.matchAll(new RegExp(`<${element}(?: [^>]*)?>(.*?)</${element}>`, "gs"));
  return [...found].map(([, content]) => shown(content as string));
}

function shown(markup: string): string {
  return markup
    .replace(/<[^>]*>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}

/** The page's tags and their attributes, without any text: sorted, since names decide the order of rows. */
function skeleton(markup: string): string[] {
  const withoutConstants = markup.replace(/<(style|script)>.*?<\/\1>/gs, "");
  return (withoutConstants.match(/<[^>]*>/g) ?? []).map((tag) => tag.replace(/"[^"]*"/g, '""')).sort();
}

const handshakes = (markup: string) => markup.split('<table id="handshakes">')[1] as string;
const statuses = (markup: string) =>
  [...markup.matchAll(/<tr id="[^"]*" data-status="(\w+)"/g)].map(([, status]) => status);

describe("the page", () => {
  it("GIVEN results in any order THEN errors come first, and each row once", () => {
    const sorted = statuses(page);
    expect(sorted).toHaveLength(results.length);
    const order = ["error", "warning", "note", "ok"];
    expect(sorted).toEqual(
      [...sorted].sort((one, other) => order.indexOf(one as string) - order.indexOf(other as string)),
    );
    expect(new Set(sorted)).toEqual(new Set(["error", "warning", "ok"]));
    // The number of a row, and so its id, is all that the order of results may change.
    const numberless = (markup: string) =>
      markup.replace(/(handshake-|data-group=")\d+/g, "$1").replace(/sha256-[^']*/g, "");
    expect(numberless(pageOf([...results].reverse()))).toBe(numberless(page));
  });

  it("GIVEN findings THEN they read as in the text report, and so do the totals", () => {
    const text = new TextReport({ terminal: { hasColour: false, hasProgress: false }, isVerbose: false });
    const summary = new Summary();
    for (const result of results) summary.add(result);
    const cells = texts(handshakes(page), "p");
    const lines = results.flatMap((result) => text.add(result).split("\n").filter(Boolean));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      expect(cells).toContain(line.replace(/^(\w+) +.*?: /, "$1 "));
    }
    expect(cells).toHaveLength(lines.length);
    expect(shown(page)).toContain(text.end(summary).trimEnd());
  });

  it("GIVEN a certificate that is not the declared one THEN its row has both, the days and the date", () => {
    const row = handshakes(page)
      .split("</tr>")
      .find((one) => one.includes("imap.domain23.example</th>") && one.includes(">995<"));
    const wrong = results.find(
      (one) => one.question.expected.domain === "domain23.example" && one.findings.length > 0,
    );
    const cells = texts(row as string, "td");
    expect(cells.slice(0, 3)).toEqual(["error", "mx1192.0.2.10", "995tls"]);
    expect(cells[3]).toMatch(
      /^the certificate for imap\.domain23\.example, .*\(SHA-256 [0-9a-f]{16}…\)TLSv1\.3, issued by CN=Root/,
    );
    expect(cells[4]).toBe(
      `that of domain23.example (SHA-256 ${wrong?.question.expected.fingerprint?.slice(0, 16)}…)`,
    );
    expect(cells[5]).toBe("302026-12-28");
  });

  it("GIVEN domains THEN each is there once with its worst status, and leads to its first row", () => {
    const [, list] = /<ul id="domains">(.*?)<\/ul>/s.exec(page) as unknown as [string, string];
    const tiles = texts(list, "li");
    expect(tiles).toHaveLength(100);
    expect(tiles.slice(0, 6)).toEqual([
      "error domain5.example 36 days",
      "error domain11.example expired",
      "error domain23.example 30 days",
      "error domain42.example 80 days",
      "warning domain67.example 9 days",
      "ok domain1.example 32 days",
    ]);
    for (const [, id] of list.matchAll(/href="#([^"]*)"/g)) {
      expect(page.match(new RegExp(`<tr id="${id}" `, "g"))).toHaveLength(1);
    }
    expect(shown(page)).toContain("100 domains and other names: 4 error, 1 warning, 95 ok.");
  });

  it("GIVEN findings THEN each is counted", () => {
    const rows = texts(/<table id="findings">(.*?)<\/table>/s.exec(page)?.[1] as string, "tr").slice(1);
    expect(rows).toEqual([
      "errorVERIFY_EXPIRED81",
      "errorVERIFY_WRONG_CERTIFICATE81",
      "errorVERIFY_NAME_NOT_COVERED41",
      "errorVERIFY_ALERT21",
      "warningVERIFY_EXPIRES_SOON81",
    ]);
  });

  it("GIVEN more than 500 handshakes THEN the others are in a part of the table that scripts take out", () => {
    const [first, later, ...more] = handshakes(page).split('<tbody class="later">');
    expect(more).toEqual([]);
    expect([first, later].map((part) => part?.match(/<tr id=/g)?.length)).toEqual([500, 300]);
    expect(handshakes(pageOf(results.slice(0, 500)))).not.toContain('class="later"');
  });

  it("GIVEN no results, or none that were answered THEN the page says so", () => {
    expect(shown(pageOf([]))).toContain("error No server could be asked. 0 of 0 handshakes are right");
    const unknown = { question: question({ address: null }), outcome: { kind: "no-address" }, findings: [] };
    expect(shown(handshakes(pageOf([unknown as Result])))).toContain("not askedno address");
  });

  it("THEN it loads nothing, and its policy allows its style sheet and its scripts alone", () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] as string;
    expect(policy).toContain("default-src &#39;none&#39;");
    for (const [element, count] of [
      ["style", 1],
      ["script", 2],
    ] as const) {
      const contents = [...page.matchAll(new RegExp(`<${element}[^>]*>(.*?)</${element}>`, "gs"))];
      expect(contents).toHaveLength(count);
      const hashes = contents.map(([, text = ""]) => createHash("sha256").update(text).digest("base64"));
      const allowed = hashes.map((hash) => `&#39;sha256-${hash}&#39;`).join(" ");
      expect(policy).toContain(`; ${element}-src ${allowed}; `);
    }
    expect(page).not.toMatch(/ (src|style|on\w+)="|href="(?!#)|url\(|@import|https?:/);
  });

  it("GIVEN any texts from outside THEN the page has the same elements and attributes", () => {
    const harmless = skeleton(pageOf(resultsOf(HARMLESS)));
    fc.assert(
      fc.property(hostileTexts, (outside) => {
        const hostile = pageOf(resultsOf(outside));
        // An address that is the host's name is not shown twice, and each other name is a domain of its own.
        fc.pre(outside.address !== outside.host && outside.address !== "" && outside.name !== outside.domain);
        expect(skeleton(hostile)).toEqual(harmless);
        expect(hostile).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}\p{Cs}]/u);
      }),
    );
  });
});
