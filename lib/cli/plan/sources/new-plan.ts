import { type EngineDiagnostic, omission } from "../../engine/diagnostics";
import { type EnginePlan, planStack } from "../../engine/plan";
import { shownPlan } from "../../planned/shown-plan";
import type { FailedStack, PlannedStack } from "../changes/planned-stack";
import type { StackEngine } from "./stack-engine";

/** A planned or failed stack, before the findings of the rules are added. */
export type StackSource = Omit<PlannedStack, "findings"> | Omit<FailedStack, "findings">;

export interface NewPlanOptions extends StackEngine {
  readonly stack: string;
  /** Where the engine saves the plan, which holds the state with all keys. */
  readonly file: string;
  readonly refresh: boolean;
}

/**
 * Plans a stack. The plan will not be applied, so the state is not locked.
 *
 * @throws CliError those of the engine, and `CLI_PLAN_UNSUPPORTED`
 */
export async function newPlan(options: NewPlanOptions): Promise<StackSource> {
  const { stack, engine } = options;
  const run = await planStack(engine, { ...options, lock: false });
  const diagnostics = diagnosticsOf(run);
  if (run.isInterrupted) return { stack, problem: "The run was interrupted.", diagnostics };
  if (!run.isSaved) return { stack, problem: firstError(diagnostics, options.directory), diagnostics };
  const plan = await shownPlan(engine, options);
  return { stack, plan: { ...plan, isComplete: plan.isComplete && run.isComplete }, diagnostics };
}

function diagnosticsOf({ diagnostics, omitted }: EnginePlan): readonly EngineDiagnostic[] {
  if (omitted === 0) return diagnostics;
  return [...diagnostics, { severity: "warning", summary: omission(omitted), detail: "", address: null }];
}

function firstError(diagnostics: readonly EngineDiagnostic[], directory: string): string {
  const error = diagnostics.find(({ severity }) => severity === "error");
  return `${error?.summary ?? "The engine saved no plan"}, in ${directory}.`;
}
