import type { SniTableDocument } from "../../../shared/sni-table/document";
import type { EngineDiagnostic } from "../../engine/diagnostics";
import type { PlannedChange, StackPlan } from "../../planned/planned-change";

/** What one run of an engine has said of a stack. */
export interface PlannedStack {
  readonly stack: string;
  readonly plan: StackPlan;
  readonly diagnostics: readonly EngineDiagnostic[];
  /** What the rules have found when the stack was synthesized. */
  readonly findings: readonly string[];
}

/** A stack that could not be planned. */
export interface FailedStack {
  readonly stack: string;
  /** Why, in one line. */
  readonly problem: string;
  readonly diagnostics: readonly EngineDiagnostic[];
  readonly findings: readonly string[];
}

/** The table of the target branch, and the one of the change. */
export interface Tables {
  readonly before: SniTableDocument;
  readonly after: SniTableDocument;
}

/** A change, with the stack that it is in. */
export interface StackChange {
  readonly stack: string;
  readonly change: PlannedChange;
}

/** What is to be done: without resources that stay as they are. */
export function changesIn(stacks: readonly PlannedStack[]): StackChange[] {
  return stacks.flatMap(({ stack, plan }) =>
    plan.changes
      .filter(({ action, movedFrom, isImported }) => action !== "no-op" || movedFrom !== null || isImported)
      .map((change) => ({ stack, change })),
  );
}

export function isPlanned(stack: PlannedStack | FailedStack): stack is PlannedStack {
  return "plan" in stack;
}
