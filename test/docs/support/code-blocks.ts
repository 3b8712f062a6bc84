import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../../..");

/** A fenced block of a page. */
export interface CodeBlock {
  /** Path in the repository. */
  readonly page: string;
  /** Of its first line of code, from 1. */
  readonly line: number;
  /** The nearest heading above it, without its number signs. */
  readonly heading: string;
  /** The first word behind the fence. */
  readonly language: string;
  /** The words behind that, which only these tests read. */
  readonly marks: readonly string[];
  readonly code: string;
}

/** Every page for readers: those beside the README, and what is below `docs/`. */
export function pages(): string[] {
  const docs = readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" });
  return [...readdirSync(ROOT), ...docs.map((name) => join("docs", name))]
    .filter((name) => name.endsWith(".md"))
    .sort();
}

export function textOf(page: string): string {
  return readFileSync(join(ROOT, page), "utf8");
}

export function codeBlocks(page: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let heading = "";
  let open: { start: number; info: string[]; lines: string[] } | undefined;
  for (const [index, text] of textOf(page).split("\n").entries()) {
    const fence = /^```(.*)$/.exec(text);
    if (open === undefined) {
      heading = /^#+ (.*)$/.exec(text)?.[1] ?? heading;
      if (fence !== null) open = { start: index + 2, info: (fence[1] ?? "").split(" "), lines: [] };
    } else if (fence === null) {
      open.lines.push(text);
    } else {
      const [language = "", ...marks] = open.info;
      blocks.push({ page, line: open.start, heading, language, marks, code: `${open.lines.join("\n")}\n` });
      open = undefined;
    }
  }
  if (open !== undefined) throw new Error(`${page}:${open.start - 1}: a block that does not end`);
  return blocks;
}
