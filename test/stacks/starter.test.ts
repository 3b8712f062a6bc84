import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { textOf } from "../docs/support/code-blocks";
import { programOfFile } from "../docs/support/programs";
import { Project } from "../docs/support/project";

const ROOT = resolve(__dirname, "../..");
const STARTER = "stacks/starter";

/** Its types are checked with those of all pages: test/docs/code-blocks.test.ts. */
describe("The starter project", () => {
  const code = textOf(`${STARTER}/main.ts`);
  const manifest = JSON.parse(textOf(`${STARTER}/package.json`));
  let project: Project;

  beforeAll(() => {
    project = new Project({});
  });
  afterAll(() => project.remove());

  it("THEN it synthesizes, and warns of nothing but the port that has no SNI, as its page says", () => {
    const { stacks, annotations } = project.run(programOfFile(`${STARTER}/main.ts`));
    expect(Object.keys(stacks)).toEqual(["mail"]);
    expect(annotations).toEqual([expect.stringContaining("[SNI009]")]);
    expect(textOf("docs/getting-started.md")).toContain("SNI009");
  });

  it("THEN it depends on this version of the package, and on what its files use", () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    expect(manifest.dependencies["cdktf-mail-sni"]).toBe(`^${version}`);
    const imported = [...code.matchAll(/ from "([^"]+)"/g)].map(([, name]) => name as string);
    for (const name of imported.filter((one) => !one.startsWith("node:"))) {
      expect(manifest.dependencies).toHaveProperty(name);
    }
  });

  it("THEN Git ignores what holds private keys", () => {
    const ignored = textOf(`${STARTER}/gitignore`).split("\n");
    for (const pattern of ["cdktf.out/", "state/", "*.tfstate", "out/"]) expect(ignored).toContain(pattern);
  });

  it("THEN its page explains each of its files", () => {
    const page = textOf("docs/getting-started.md");
    for (const name of readdirSync(join(ROOT, STARTER))) expect(page).toContain(`\`${name}\``);
  });
});
