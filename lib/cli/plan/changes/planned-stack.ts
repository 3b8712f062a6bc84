import type { SniTableDocument } from "../../../shared/sni-table/document";
import type { PlannedChange, StackPlan } from "../../planned/planned-change";

/** What one run of an engine has said of a stack. */
export interface PlannedStack {
  readonly stack: string;
  readonly plan: StackPlan;
  readonly diagnostics: readonly Diagnostic[];
}

/** A stack that could not be planned. */
export interface FailedStack {
  readonly stack: string;
  /** Why, in one line. */
  readonly problem: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** A warning or an error of the engine or of a provider. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  readonly summary: string;
  readonly detail: string;
  /** Of the resource or check that it is about; null if it is about none. */
  readonly address: string | null;
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
