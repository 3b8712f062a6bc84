import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = resolve(__dirname, "../..");
const PAGE = readFileSync(join(ROOT, "docs/architecture.md"), "utf8");

/** Those that it names below themselves are not rows of their own. */
function foldersBelow(directory: string): string[] {
  const entries = readdirSync(directory, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

describe("docs/architecture.md", () => {
  it("names files and folders that there are", () => {
    const paths = [...PAGE.matchAll(/`((?:lib|stacks|build|bench|test|docs)\/[^`<>*\s]*)`/g)].map(
      ([, path]) => path as string,
    );
    expect(paths.length).toBeGreaterThan(30);
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it("has a row for each folder of each storey", () => {
    const layout = PAGE.slice(PAGE.indexOf("## Layout"), PAGE.indexOf("## Three routes"));
    const storeys = layout.split("**`lib/").slice(1);
    const rows = storeys.map((storey) => ({
      storey: storey.slice(0, storey.indexOf("/")),
      folders: [...storey.matchAll(/`([a-z0-9/-]+)\/`/g)].map(([, folder]) => folder as string),
    }));
    expect(rows.map(({ storey }) => storey)).toEqual(["constructs", "provider", "cli", "on-host", "shared"]);
    for (const { storey, folders } of rows) {
      expect(foldersBelow(join(ROOT, "lib", storey)).filter((folder) => !folders.includes(folder))).toEqual(
        [],
      );
    }
  });

  it("walks through each route in steps that name files", () => {
    const routes = PAGE.slice(PAGE.indexOf("## Three routes"), PAGE.indexOf("## From a declaration"));
    const steps = routes.split(/\n(?=\d+\. )/).slice(1);
    expect(steps.length).toBeGreaterThan(20);
    expect(steps.filter((step) => !/`[^`]+\.(ts|sh)`|`mailsni_/.test(step))).toEqual([]);
  });
});
