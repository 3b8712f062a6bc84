import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codeBlocks } from "./support/code-blocks";
import { exampleFiles } from "./support/example-files";
import { programsOf } from "./support/programs";
import { Project } from "./support/project";

const PAGE = "docs/recipes/own-blocks.md";

describe(PAGE, () => {
  const blocks = codeBlocks(PAGE);
  const [listing, table] = blocks.filter(({ language }) => language === "text");
  let files: Record<string, string>;
  let project: Project;
  beforeAll(async () => {
    files = await exampleFiles();
    project = new Project(files);
  });
  afterAll(() => project.remove());

  it("THEN the output of doveconf is the one that its example reads", () => {
    expect(listing?.code.trim()).toBe(files["doveconf/mx1.txt"]?.trim());
  });

  it("THEN the table is the one that the example prints", () => {
    const [program] = programsOf(blocks);
    expect(program && project.run(program).printed.trim()).toBe(table?.code.trim());
  });
});
