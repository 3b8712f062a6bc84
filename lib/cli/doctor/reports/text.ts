import { printableLine } from "../../../shared/text/printable";
import { listOf, plainLine } from "../../output/line";
import { plural } from "../../output/plural";
import { type Colour, coloured, type Terminal } from "../../output/terminal";
import { countOf, type Examined } from "../examination/examination";
import { FINDING_STATES, type FindingState, withoutRemedy } from "../examination/finding";
import { subjectTitle } from "../examination/subject";
import { type Shown, shownOf } from "./alike";

export interface TextOptions {
  readonly terminal: Terminal;
  /** Whether to show what is right and what was skipped too. */
  readonly isVerbose: boolean;
}

const COLOURS: Readonly<Record<FindingState, Colour>> = {
  error: "red",
  warning: "yellow",
  skipped: "grey",
  ok: "green",
};
const SHOWN_ALWAYS: readonly FindingState[] = ["error", "warning"];
const LABEL_WIDTH = Math.max(...FINDING_STATES.map((state) => state.length));
const INDENT = " ".repeat(LABEL_WIDTH + 1);

/** A report for people: what is wrong, each with its remedy below it, and the totals. */
export function textReport(results: readonly Examined[], { terminal, isVerbose }: TextOptions): string {
  const shown = results.filter(({ finding: { state } }) => isVerbose || SHOWN_ALWAYS.includes(state));
  const sorted = FINDING_STATES.flatMap((state) => shown.filter(({ finding }) => finding.state === state));
  const lines = isVerbose ? sorted.map((result) => ({ result, rest: [] })) : shownOf(sorted);
  return `${lines.map((one) => entry(one, terminal)).join("")}${totals(results)}\n`;
}

function entry({ result, rest }: Shown, terminal: Terminal): string {
  const { check, subject, finding } = result;
  const label = coloured(finding.state.padEnd(LABEL_WIDTH), COLOURS[finding.state], terminal);
  const first = `${label} ${printableLine(subjectTitle(subject))}: ${withoutRemedy(finding)} [${check}]\n`;
  const remedy = "remedy" in finding ? finding.remedy.split("\n") : [];
  const whole = first + remedy.map((line) => (line === "" ? "\n" : `${INDENT}${line}\n`)).join("");
  if (rest.length === 0) return whole;
  const names = plainLine(listOf(rest.map(({ subject: { name } }) => name ?? "")));
  return `${whole}${label} the same for ${plural(rest.length, "more name")}: ${names}. --verbose shows each. [${check}]\n`;
}

function totals(results: readonly Examined[]): string {
  const [errors, warnings, skipped] = (["error", "warning", "skipped"] as const).map((state) =>
    countOf(results, state),
  ) as [number, number, number];
  const left = skipped > 0 ? `, ${skipped} skipped` : "";
  if (errors + warnings === 0)
    return `Nothing is wrong: ${plural(results.length - skipped, "check")}${left}.`;
  const outcome = errors > 0 ? "A deploy would fail" : "A deploy would work";
  return `${outcome}: ${plural(errors, "error")}, ${plural(warnings, "warning")}${left}.`;
}
