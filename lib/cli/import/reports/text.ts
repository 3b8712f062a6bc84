import { printableLine } from "../../../shared/text/printable";
import { truncated } from "../../../shared/text/truncated";
import { joined, type Line, line, listOf, plainLine, word } from "../../output/line";
import { plural } from "../../output/plural";
import { type Colour, coloured, type Terminal } from "../../output/terminal";
import { FINDING_STATES, type Finding, type FindingState } from "../findings/finding";
import type { ImportResult } from "./import-result";

const COLOURS: Readonly<Record<FindingState, Colour>> = { decision: "red", deploy: "yellow", note: "grey" };
const LABEL_WIDTH = Math.max(...FINDING_STATES.map((state) => state.length));
const INDENT = " ".repeat(LABEL_WIDTH + 1);

/** A host may have paths and values of any length. The JSON has them whole. */
const MOST_LINE_CHARACTERS = 4000;

/** A report for people: what was found, what is wrong with what follows from it, and the totals. */
export function textReport(result: ImportResult, terminal: Terminal): string {
  const { host, parts, findings } = result;
  const found = parts.length === 0 ? "nothing that serves or renews certificates" : parts.join(", ");
  const lines = [
    plainLine(line`${host}: ${found}.`),
    ...findings.flatMap((each) => entry(each, terminal)),
    `${totals(findings)} ${outcome(result)}`,
  ];
  return `${lines.map((each) => truncated(each, MOST_LINE_CHARACTERS)).join("\n")}\n`;
}

function entry({ code, state, problem, remedy, names, places }: Finding, terminal: Terminal): string[] {
  const label = coloured(state.padEnd(LABEL_WIDTH), COLOURS[state], terminal);
  return [
    `${label} ${printableLine(problem)} [${code}]`,
    ...details("Names", names),
    ...details("Where", places.length === 1 && problem.includes(places[0] as string) ? [] : places),
    `${INDENT}${printableLine(remedy)}`,
  ];
}

function details(title: string, items: readonly string[]): string[] {
  if (items.length === 0) return [];
  const shown: Line = joined([word(`${title}:`), listOf(items)], " ");
  return [`${INDENT}${plainLine(shown)}`];
}

function outcome({ declared, program }: ImportResult): string {
  if (program !== null) return `The stack declares ${plural(declared.length, "domain")}.`;
  return "No stack is printed: no certificate with host names was found, or no server that it could declare.";
}

function totals(findings: readonly Finding[]): string {
  if (findings.length === 0) return "Nothing is wrong.";
  const [decisions, deploys, notes] = FINDING_STATES.map((state) => count(findings, state)) as [
    number,
    number,
    number,
  ];
  const first =
    decisions === 0
      ? "Nothing has to be decided before the first deploy"
      : `${plural(decisions, "finding")} to decide on before the first deploy`;
  return `${first}. The deploy corrects ${plural(deploys, "finding")}. ${plural(notes, "note")}.`;
}

function count(findings: readonly Finding[], state: FindingState): number {
  return findings.filter((each) => each.state === state).length;
}
