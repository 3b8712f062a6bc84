import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SEVERITIES } from "../../lib/constructs/sni/rules/severity";
import { codeBlocks, textOf } from "./support/code-blocks";
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

  it("THEN its sections are the rules, and its table has each with its severity", () => {
    expect(codesOfPage(PAGE)).toEqual(Object.keys(SEVERITIES));
    const rows = [...textOf(PAGE).matchAll(/^\| \[(SNI\d+)\]\(#sni\d+\) \| (\w+) \|/gm)];
    expect(rows.map(([, code, severity]) => [code, severity])).toEqual(Object.entries(SEVERITIES));
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

  it("THEN an acknowledged warning is not reported", () => {
    const [program] = programsOf(blocks);
    expect(project.run(program as Program).annotations).toEqual([]);
  });
});

function headingOf({ block }: Program): string {
  return block.heading;
}
