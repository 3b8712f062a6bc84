import { listed } from "../../../shared/errors/wording";
import { JOB_RESULTS, type PlannedChange } from "../../planned/planned-change";
import { type Objection, undeployed } from "./refusal";

/** Whether an update of a job runs again what was deployed: its last run has failed, or something is pending. */
export function objectionToHostJob({ changed }: PlannedChange): Objection | null {
  const others = changed.filter((name) => !JOB_RESULTS.has(name));
  if (others.length === 0) return null;
  return undeployed(`a job would run on its host, because its ${listed(others)} would change`);
}
