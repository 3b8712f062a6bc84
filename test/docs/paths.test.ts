import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { textOf } from "./support/code-blocks";

const ROOT = resolve(__dirname, "../..");
/** Those that speak of the repository, and not of a user's project or host. */
const PAGES = ["README.md", "CONTRIBUTING.md", "docs/dependencies.md", "docs/getting-started.md"];

describe("The pages about the repository", () => {
  it.each(PAGES)("GIVEN %s THEN the files, folders and scripts that it names are there", (page) => {
    const { scripts } = JSON.parse(textOf("package.json"));
    const paths = [
      ...textOf(page).matchAll(/(?<![\w./-])(?:lib|stacks|build|bench|test|docs|\.ci|\.github)\/[\w./-]*\w/g),
    ].map(([path]) => path);
    const run = [...textOf(page).matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name as string);
    expect(paths.length + run.length).toBeGreaterThan(0);
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    const { scripts: ofStarter } = JSON.parse(textOf("stacks/starter/package.json"));
    expect(run.filter((name) => !(name in scripts) && !(name in ofStarter))).toEqual([]);
  });
});
