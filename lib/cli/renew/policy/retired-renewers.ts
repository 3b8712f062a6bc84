import { listed } from "../../../shared/errors/wording";
import type { PlannedChange } from "../../planned/planned-change";
import { type Objection, undeployed } from "./refusal";

/** What follows from what is found on a host. */
const FOUND: ReadonlySet<string> = new Set(["planned_places", "places", "pending"]);

/** Whether an update switches off again what was switched off by a deploy, such as the timer of a later version of a package. */
export function objectionToRetiredRenewers({ changed }: PlannedChange): Objection | null {
  const others = changed.filter((name) => !FOUND.has(name));
  if (others.length === 0) return null;
  return undeployed(
    `its ${listed(others)} would change, which are the renewers that are switched off on a host`,
  );
}
