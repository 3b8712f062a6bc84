import { type Line, line } from "../../../output/line";
import { plural } from "../../../output/plural";
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

/** The advice for a plan. Its risk is of its changes: a warning may say that the apply will fail, or that a host was not read. */
export function adviceOf({ risk, diagnostics }: Pick<PlanChanges, "risk" | "diagnostics">): string {
  const warnings = diagnostics.filter(({ severity }) => severity === "warning").length;
  if (risk === "danger" || warnings === 0) return ADVICE[risk];
  return `${ADVICE[risk]} But read the ${warnings === 1 ? "warning" : plural(warnings, "warning")} below.`;
}

/** A reason of the risk, with its stack if there are several. */
export function reasonLine({ text, stack }: RiskReason, { stacks }: PlanChanges): Line {
  return stack !== null && stacks.length > 1 ? line`${text} (stack ${stack})` : text;
}
