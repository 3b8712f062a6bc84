import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { textOf } from "./support/code-blocks";

const PAGE = "docs/operations.md";
const PROVIDER = resolve(__dirname, "../../lib/provider");

const sources = readdirSync(PROVIDER, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => {
    const file = join(PROVIDER, name);
    return ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true);
  });

describe(`the messages of ${PAGE}`, () => {
  it("THEN they are the provider's", () => {
    const all = new Set(sources.flatMap((source) => nodes(source).flatMap((node) => literal(node) ?? [])));
    expect(listed().length).toBeGreaterThan(40);
    expect(listed().filter((message) => !all.has(message))).toEqual([]);
  });

  it("THEN each summary of the provider is among them", () => {
    const summaries = sources.flatMap((source) => nodes(source).flatMap((node) => summaryOf(node) ?? []));
    expect(summaries.length).toBeGreaterThan(30);
    expect([...new Set(summaries)].filter((summary) => !listed().includes(summary))).toEqual([]);
  });
});

/** What stands as code in the first column of the tables below "Messages". */
function listed(): string[] {
  const [, section = ""] = textOf(PAGE).split(/^## Messages$/m);
  const cells = [...section.matchAll(/^\| ([^|]*) \|/gm)].map(([, cell]) => cell as string);
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, message]) => message as string));
}

/** As the page has it: `…` for whatever is filled in. */
function literal(node: ts.Node | undefined): string | undefined {
  if (node === undefined) return undefined;
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  const text = node.head.text + node.templateSpans.map((span) => `…${span.literal.text}`).join("");
  return text.replaceAll(/…+/g, "…");
}

/** Of a problem that is described, or a diagnostic that is reported. */
function summaryOf(node: ts.Node): string | undefined {
  if (ts.isPropertyAssignment(node) && node.name.getText() === "summary") return literal(node.initializer);
  if (!ts.isCallExpression(node) || !/\bdiagnostics\.(error|warning)$/.test(node.expression.getText())) {
    return undefined;
  }
  return literal(node.arguments[0]);
}

function nodes(node: ts.Node): ts.Node[] {
  const found: ts.Node[] = [node];
  ts.forEachChild(node, (child) => {
    found.push(...nodes(child));
  });
  return found;
}
