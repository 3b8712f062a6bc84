import type { IConstruct } from "constructs";
import type { SniRuleCode } from "../../../shared/errors";
import type { Acknowledgement } from "./finding";

/** Records the acknowledgement of a rule for a construct and everything below it. */
export function acknowledge(scope: IConstruct, code: SniRuleCode, reason: string): void {
  const reasons = REASONS.get(scope) ?? new Map<SniRuleCode, string>();
  REASONS.set(scope, reasons.set(code, reason));
}

/** The acknowledgement of a rule at the nearest construct at or above one of `constructs`. */
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

/** The reasons by construct and rule. Weak, so that they are released with their construct. */
const REASONS = new WeakMap<IConstruct, Map<SniRuleCode, string>>();
