import type { Change, ChangeResult } from "./desired/change";
import type { HostSettings } from "./desired/host-settings";

/** Adds to the errors of a canary that other hosts wait for it: an engine does not report the resources that it skips. */
export function heldBack(result: ChangeResult, change: Change, { name, canary }: HostSettings): ChangeResult {
  if (!canary || change.kind === "delete") return result;
  const what =
    change.role === "base" ? "They get no change at all" : "They keep the certificate that they have";
  const errors = result.errors.map((problem) => ({
    ...problem,
    detail:
      `${problem.detail}\nHost "${name}" is a canary: this change is held back from the hosts that wait for it. ${what}. ` +
      "Fix what the message says and apply again. If that has to wait, declare the host without `canary`: the other hosts then get the change.",
  }));
  return { ...result, errors };
}
