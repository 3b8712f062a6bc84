import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { linksOf } from "../docs/support/links";
import { mustRun } from "../support/commands";

const ROOT = resolve(__dirname, "../..");
const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

describe("The files that npm packs, but for those that are built", () => {
  let packed: string[];

  beforeAll(async () => {
    const { stdout } = await mustRun(["npm", "pack", "--dry-run", "--json", "--ignore-scripts"], {
      cwd: ROOT,
    });
    const [{ files }] = JSON.parse(stdout);
    packed = files.map(({ path }: { path: string }) => path);
  });

  const isThere = (path: string) =>
    packed.some((name) => name === path || name.startsWith(`${path.replace(/\/$/, "")}/`));

  it("THEN each link of each page leads to one of them", () => {
    const pages = packed.filter((name) => name.endsWith(".md"));
    expect(pages).toContain("README.md");
    expect(pages.filter((name) => name.startsWith("docs/api/")).length).toBeGreaterThan(20);
    const links = pages.flatMap((page) =>
      linksOf(page)
        .map((link) => (link.split("#")[0] as string) || page.slice(dirname(page).length))
        .map((path) => [page, join(dirname(page), path)] as const),
    );
    expect(links.length).toBeGreaterThan(200);
    expect(links.filter(([, target]) => !isThere(target))).toEqual([]);
  });

  it("THEN each page that a comment of the sources refers to is one of them", () => {
    const sources = readdirSync(join(ROOT, "lib"), { recursive: true, encoding: "utf8" });
    const named = sources
      .filter((name) => name.endsWith(".ts"))
      .flatMap((name) => readFileSync(join(ROOT, "lib", name), "utf8").match(/\bdocs\/[\w/-]+\.md/g) ?? []);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((page) => !packed.includes(page))).toEqual([]);
  });

  it("THEN the starter project is complete, with what Git ignores under a name that npm packs", () => {
    const names = readdirSync(join(ROOT, "stacks/starter"));
    expect(names).toContain("gitignore");
    expect(names.filter((name) => !packed.includes(`stacks/starter/${name}`))).toEqual([]);
  });

  it("THEN there are neither sources, nor tests, nor what only the repository needs", () => {
    const folders = new Set(packed.filter((name) => name.includes("/")).map((name) => name.split("/")[0]));
    expect(
      [...folders].filter((name) => !["dist", "docs", "man", "stacks"].includes(name as string)),
    ).toEqual([]);
  });
});

describe("package.json", () => {
  it("THEN it opens the main entry and itself, and no path below", () => {
    expect(Object.keys(manifest.exports)).toEqual([".", "./package.json"]);
  });

  it("THEN it has no address that nothing is at", () => {
    for (const field of ["repository", "homepage", "bugs", "funding"])
      expect(manifest).not.toHaveProperty(field);
  });
});
