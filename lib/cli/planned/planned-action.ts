import type { PlannedAction } from "./planned-change";

/** By the list that engines write. Terraform 1.7 and OpenTofu 1.7 added `forget`, OpenTofu 1.12 the replacement that forgets. */
const ACTIONS: Readonly<Record<string, PlannedAction>> = {
  "no-op": "no-op",
  read: "read",
  create: "create",
  update: "update",
  delete: "delete",
  forget: "forget",
  "delete,create": "replace",
  "create,delete": "replace",
  "forget,create": "replace",
  "create,forget": "replace",
};

/** @returns undefined if this release does not know the action */
export function plannedAction(actions: readonly string[]): PlannedAction | undefined {
  const key = actions.join(",");
  return Object.hasOwn(ACTIONS, key) ? ACTIONS[key] : undefined;
}
