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

const literals = new Set(sources.flatMap((source) => nodes(source).flatMap((node) => literal(node) ?? [])));

describe(PAGE, () => {
  it("THEN the messages that it lists are the provider's", () => {
    const messages = listed("Messages");
    expect(messages.length).toBeGreaterThan(40);
    expect(messages.filter((message) => !literals.has(message))).toEqual([]);
  });

  it("THEN it lists each summary that the provider has", () => {
    const messages = listed("Messages");
    const summaries = sources.flatMap((source) => nodes(source).flatMap((node) => summaryOf(node) ?? []));
    expect(summaries.length).toBeGreaterThan(30);
    expect([...new Set(summaries)].filter((summary) => !messages.includes(summary))).toEqual([]);
  });

  it("THEN it explains each line of the ledger", () => {
    const verbs = listed("The ledger").map((line) => line.split(" ")[0]);
    expect(verbs.sort()).toEqual(["mail-sni-ledger", ...ledgerVerbs()].sort());
  });

  it("THEN what it says that is pending is what the provider says", () => {
    const texts = listed("Pending");
    expect(texts.length).toBeGreaterThan(3);
    const known = [...literals].filter((text) => text.length > 15);
    expect(texts.filter((text) => !known.some((part) => text.includes(part)))).toEqual([]);
  });
});

function ledgerVerbs(): string[] {
  const source = readFileSync(join(PROVIDER, "host/record/ledger.ts"), "utf8");
  return [...source.matchAll(/case "([a-z]+)":/g)].map(([, verb]) => verb as string);
}

/** What stands as code in the first column of the tables in a section of the page, its own sections included. */
function listed(title: string): string[] {
  const [, level = "", section = ""] =
    new RegExp(`^(#+) ${title}$(.*?)(?=^(?!\\1#)##* |(?![^]))`, "ms").exec(textOf(PAGE)) ?? [];
  if (level === "") throw new Error(`${PAGE} has no section "${title}"`);
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
