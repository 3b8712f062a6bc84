import { type Line, line, word } from "../../../output/line";
import type { PlanChanges } from "../../changes/plan-changes";
import type { Risk, RiskReason } from "../../changes/risk";

/** What each risk asks of a reviewer. */
const ADVICE: Readonly<Record<Risk, string>> = {
  none: "There is nothing to do.",
  routine: "Due renewals, and what follows from them. No review is needed.",
  additions: "Something is added. Nothing that is served now changes.",
  attention: "Something that exists now changes or is removed. Read the lines below.",
  danger:
    "Something is lost or replaced, or the report is not complete. Read all of it, and the engine's plan.",
};

export function adviceOf(risk: Risk): string {
  return ADVICE[risk];
}

/** A reason of the risk, with its stack if there are several. */
export function reasonLine({ text, stack }: RiskReason, { stacks }: PlanChanges): Line {
  return stack !== null && stacks.length > 1 ? line`${text} (stack ${stack})` : text;
}

export function riskWord(risk: Risk): Line {
  return word(risk);
}
