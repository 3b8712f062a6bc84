import { type CodeBlock, textOf } from "./code-blocks";

/** TypeScript of a page, as a program of its own. */
export interface Program {
  /** For messages and as the title of a test: `PAGE:LINE`. */
  readonly name: string;
  readonly block: CodeBlock;
  readonly code: string;
  /** Where line 1 of the program is in the page. Negative for what is put in front of it. */
  readonly firstLine: number;
}

/**
 * The programs of a page: its TypeScript blocks that are not marked `fragment`.
 *
 * A block without imports stands behind the last one that has some, as a reader takes it. What does not call
 * `app.synth()` stands in a stack, `stack`, that is synthesized at the end.
 */
export function programsOf(blocks: readonly CodeBlock[]): Program[] {
  let before = "";
  return blocks
    .filter(({ language, marks }) => language === "ts" && !marks.includes("fragment"))
    .map((block) => {
      const isWhole = /^import /m.test(block.code);
      const head = isWhole ? "" : before;
      if (isWhole) before = block.code;
      const inStack = !`${head}${block.code}`.includes("app.synth()");
      const code = `${inStack ? STACK : ""}${head}${block.code}${inStack ? "app.synth();\n" : ""}`;
      const linesInFront = (inStack ? 1 : 0) + head.split("\n").length - 1;
      return { name: `${block.page}:${block.line}`, block, code, firstLine: block.line - linesInFront };
    });
}

/** A program that is a file of the repository. */
export function programOfFile(page: string): Program {
  const code = textOf(page);
  return {
    name: page,
    code,
    firstLine: 1,
    block: { page, line: 1, heading: "", language: "ts", marks: [], code },
  };
}

/** On one line, and by a name that no page uses. */
const STACK =
  'import * as $cdktf from "cdktf"; const app = new $cdktf.App(); const stack = new $cdktf.TerraformStack(app, "mail");\n';
