import { type Line, line, word } from "../../../output/line";
import type { PlanChanges } from "../../changes/plan-changes";
import type { Risk, RiskReason } from "../../changes/risk";

/** What each risk asks of a reviewer. */
const ADVICE: Readonly<Record<Risk, string>> = {
  none: "There is nothing to do.",
  routine: "Due renewals, and what follows from them. No look is needed.",
  additions: "Something is added; nothing that is served now changes.",
  attention: "Something changes or goes that is there now. Read the lines below.",
  danger: "Something is lost or replaced, or not all is shown. Read everything, and the engine's plan.",
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
