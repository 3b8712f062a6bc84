import { groupBy } from "../../../../shared/grouping";
import { truncated } from "../../../../shared/text/truncated";
import { type Line, line, listOf, word } from "../../../output/line";
import type { StackDiagnostic } from "../../changes/plan-changes";
import type { Naming, Row, Section } from "./section";

const MOST_CHARACTERS = 1000;

/** What the engine and its providers say: errors first, and each text once for all resources that it is about. */
export function diagnosticSection(diagnostics: readonly StackDiagnostic[], naming: Naming): Section {
  const groups = groupBy(diagnostics, ({ severity, summary, detail }) =>
    JSON.stringify([severity, summary, detail]),
  );
  const all = [...groups.values()];
  const of = (severity: string) => all.filter(([first]) => first.severity === severity);
  return {
    title: "Errors and warnings",
    columns: ["Severity", "About", "What the engine says"],
    rows: [...of("error"), ...of("warning")].map((ones) => rowOf(ones, naming)),
    note: null,
    importance: 7,
    isFolded: false,
  };
}

function rowOf(ones: readonly [StackDiagnostic, ...StackDiagnostic[]], naming: Naming): Row {
  const [{ severity, summary, detail }] = ones;
  const about = ones.flatMap(({ address, stack }) => (address === null ? [] : [naming.of(address, stack)]));
  return [word(severity), listOf([...new Set(about)], 3), said(summary, detail)];
}

function said(summary: string, detail: string): Line {
  const text = inOneLine(detail);
  return text === "" ? line`${inOneLine(summary)}` : line`${inOneLine(summary)}: ${text}`;
}

function inOneLine(text: string): string {
  return truncated(text.replace(/\s+/g, " ").trim(), MOST_CHARACTERS);
}
