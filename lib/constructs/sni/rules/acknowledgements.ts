import type { IConstruct } from "constructs";
import type { SniRuleCode } from "../../../shared/errors";
import type { Acknowledgement } from "./finding";

/** Keeps what somebody says of a rule, for a construct and everything below it. */
export function acknowledge(scope: IConstruct, code: SniRuleCode, reason: string): void {
  const reasons = REASONS.get(scope) ?? new Map<SniRuleCode, string>();
  REASONS.set(scope, reasons.set(code, reason));
}

/** What somebody said of a rule, at the nearest construct at or above one of `constructs`. */
export function acknowledgementOf(
  code: SniRuleCode,
  constructs: readonly IConstruct[],
): Acknowledgement | undefined {
  for (const construct of constructs) {
    for (let scope: IConstruct | undefined = construct; scope !== undefined; scope = scope.node.scope) {
      const reason = REASONS.get(scope)?.get(code);
      if (reason !== undefined) return { scope, reason };
    }
  }
  return undefined;
}

/** By construct, since what is acknowledged goes with it. */
const REASONS = new WeakMap<IConstruct, Map<SniRuleCode, string>>();
