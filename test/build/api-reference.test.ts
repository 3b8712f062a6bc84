import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pagesBelow, writeApiReference } from "../../build/api-reference";
import * as api from "../../lib";

const ROOT = resolve(__dirname, "../..");

describe("docs/api", () => {
  let directory: string;
  let warnings: readonly string[];

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "mail-sni-api-"));
    warnings = await writeApiReference(ROOT, directory);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it("THEN the pages are what `npm run docs` makes of the doc comments", () => {
    const made = Object.fromEntries(pagesBelow(directory));
    expect(Object.fromEntries(pagesBelow(join(ROOT, "docs/api")))).toEqual(made);
  });

  it("THEN the public signatures name nothing that is not public, and each link of a comment leads somewhere", () => {
    expect(warnings).toEqual([]);
  });

  it("THEN each exported class has a page that the index links to", () => {
    const pages = pagesBelow(directory);
    for (const name of Object.keys(api)) {
      const page = [...pages.keys()].find((path) => path.endsWith(`/${name}.md`));
      expect(page, name).toBeDefined();
      expect(pages.get("README.md")).toContain(`[${name}](${page})`);
    }
  });
});
