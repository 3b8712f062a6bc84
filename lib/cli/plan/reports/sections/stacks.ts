import { counted, type Line, line, word } from "../../../output/line";
import type { StackSummary } from "../../changes/plan-changes";
import type { Row, Section } from "./section";

/** What became of each stack, and which need no review. */
export function stackSection(stacks: readonly StackSummary[]): Section {
  const isAlone = stacks.length === 1 && stacks[0]?.status === "planned";
  return {
    title: "Stacks",
    columns: ["Stack", "Review", "What"],
    rows: isAlone ? [] : stacks.map(rowOf),
    note: null,
    importance: 2,
    isFolded: false,
  };
}

function rowOf(stack: StackSummary): Row {
  return [line`${stack.stack}`, word(stack.needsReview ? "needed" : "not needed"), whatOf(stack)];
}

function whatOf({ status, problem, changes, risk }: StackSummary): Line {
  if (status === "failed") return line`not planned: ${problem ?? ""}`;
  if (status === "incomplete")
    return line`planning stopped at an error; ${counted(changes, "change")} so far`;
  return changes === 0 ? word("nothing to do") : line`${counted(changes, "change")}, ${word(risk)}`;
}
