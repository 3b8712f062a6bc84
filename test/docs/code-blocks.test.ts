import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codeBlocks, pages } from "./support/code-blocks";
import { exampleFiles } from "./support/example-files";
import { programOfFile, programsOf } from "./support/programs";
import { Project } from "./support/project";
import { typeErrors } from "./support/type-check";

/** Their programs are meant to fail: tests of their own run them. */
const REFUSED = ["docs/errors.md", "docs/rules.md"];

const programs = [
  ...pages().flatMap((page) => programsOf(codeBlocks(page))),
  programOfFile("stacks/starter/main.ts"),
];

describe("the TypeScript of all pages, and of the starter project", () => {
  it("THEN it is type-correct", () => {
    expect(programs.length).toBeGreaterThan(10);
    expect(typeErrors(programs)).toEqual([]);
  });

  it("THEN the Postfix of a recipe is the one that is tested", () => {
    const source = readFileSync(resolve(__dirname, "../constructs/service/postfix.ts"), "utf8");
    const tested = source.replace('"../../../lib"', '"cdktf-mail-sni"');
    expect(codeBlocks("docs/recipes/another-server.md").map(({ code }) => code)).toContain(tested);
  });

  describe("WHEN synthesized", () => {
    let project: Project;
    beforeAll(async () => {
      project = new Project(await exampleFiles());
    });
    afterAll(() => project.remove());

    it.each(programs.filter(({ block }) => !REFUSED.includes(block.page)))(
      "$name THEN there is a stack",
      (program) => {
        expect(Object.keys(project.run(program).stacks).length).toBeGreaterThan(0);
      },
    );
  });
});
