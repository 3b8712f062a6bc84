import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codeBlocks, textOf } from "./support/code-blocks";
import { declaredCodes } from "./support/declared-codes";
import { exampleFiles } from "./support/example-files";
import { codesOfPage, comparable, messageFor, messagesOf } from "./support/examples";
import { type Program, programsOf } from "./support/programs";
import { Project } from "./support/project";

const PAGE = "docs/rules.md";
const blocks = codeBlocks(PAGE);
const examples = programsOf(blocks).filter(({ block }) => /^SNI\d+$/.test(block.heading));
const refused = examples.filter(({ block }) => !block.marks.includes("passes"));
const passing = examples.filter(({ block }) => block.marks.includes("passes"));

describe(PAGE, () => {
  let project: Project;
  beforeAll(async () => {
    project = new Project(await exampleFiles());
  });
  afterAll(() => project.remove());

  it("THEN it has exactly the rules that there are, each once, in its table as well", () => {
    const { rules: codes } = declaredCodes();
    expect(codesOfPage(PAGE)).toEqual(codes);
    expect([...textOf(PAGE).matchAll(/^\| \[(SNI\d+)\]/gm)].map(([, code]) => code)).toEqual(codes);
  });

  it("THEN each rule has an example that breaks it, and one that does not", () => {
    expect(refused.map(headingOf)).toEqual(codesOfPage(PAGE));
    expect(passing.map(headingOf)).toEqual(codesOfPage(PAGE));
  });

  it.each(refused.map((program) => [headingOf(program), program] as const))(
    "%s THEN the first example breaks it, with the message that stands below",
    (code, program) => {
      const said = messagesOf(project, program).map(comparable);
      expect(said).toContain(comparable(messageFor(blocks, code)));
      expect(said.filter((message) => message.endsWith(`[${code}]`))).toHaveLength(1);
    },
  );

  it.each(passing.map((program) => [headingOf(program), program] as const))(
    "%s THEN the second example does not break it",
    (code, program) => {
      expect(project.run(program).annotations.filter((message) => message.includes(code))).toEqual([]);
    },
  );

  it("THEN what it acknowledges is not said", () => {
    const [program] = programsOf(blocks);
    expect(project.run(program as Program).annotations).toEqual([]);
  });
});

function headingOf({ block }: Program): string {
  return block.heading;
}
