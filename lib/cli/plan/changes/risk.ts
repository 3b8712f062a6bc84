import { type Line, titledList } from "../../output/line";

/**
 * How closely a plan has to be read, from low to high:
 *
 * - `none`: nothing to do
 * - `routine`: due renewals, and what follows from them; activations that were pending
 * - `additions`: new domains, names and files
 * - `attention`: something that is served or there now will not be any longer, or will be different
 * - `danger`: something cannot be had back by another apply, or the plan does not show all
 */
export const RISKS = ["none", "routine", "additions", "attention", "danger"] as const;

export type Risk = (typeof RISKS)[number];

/** A reason for the risk of a plan. */
export interface RiskReason {
  readonly risk: Risk;
  /** Null for what the tables say, which are of all stacks. */
  readonly stack: string | null;
  readonly text: Line;
}

export type Reason = Omit<RiskReason, "stack">;

/** A title, the number if it is not one, and what it is about; nothing without anything. */
export function listReason(risk: Risk, title: string, names: readonly string[]): Reason[] {
  return names.length === 0 ? [] : [{ risk, text: titledList(title, names) }];
}

export function highestRisk(risks: readonly Risk[]): Risk {
  return risks.reduce<Risk>(
    (highest, risk) => (RISKS.indexOf(risk) > RISKS.indexOf(highest) ? risk : highest),
    "none",
  );
}

/** The highest first; those of one risk in the given order. */
export function byRisk(reasons: readonly RiskReason[]): RiskReason[] {
  return [...reasons].sort((one, other) => RISKS.indexOf(other.risk) - RISKS.indexOf(one.risk));
}
