import type { Engine } from "../engine/engine";
import { type EngineShowOptions, showPlan } from "../engine/show";
import type { StackPlan } from "./planned-change";
import { PlanReader } from "./read-plan";

export interface ShownPlanOptions extends Omit<EngineShowOptions, "sink"> {
  readonly stack: string;
}

/**
 * What a saved plan does, as the engine's `show -json` says it.
 *
 * @throws CliError `CLI_PLAN_INVALID`, `CLI_PLAN_UNSUPPORTED`, and those of {@link showPlan}
 */
export async function shownPlan(engine: Engine, { stack, ...options }: ShownPlanOptions): Promise<StackPlan> {
  const reader = new PlanReader(`The plan of stack ${stack}`);
  await showPlan(engine, { ...options, sink: reader.write });
  return reader.end();
}
