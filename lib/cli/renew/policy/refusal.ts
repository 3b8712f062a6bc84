export const REFUSAL_CAUSES = ["undeployed", "drift", "other provider", "incomplete"] as const;

/**
 * Why something is in a plan that must not be applied unattended:
 *
 * - `undeployed`: the configuration has changed since the last deploy
 * - `drift`: it was changed on the host, outside of the engine
 * - `other provider`: it belongs to another provider, whose changes are not judged
 * - `incomplete`: the engine stopped before the plan was whole
 */
export type RefusalCause = (typeof REFUSAL_CAUSES)[number];

/** A planned action that must not be applied unattended. */
export interface Refusal {
  /** The resource's address, or `output.NAME`; null if it is the plan as a whole. */
  readonly address: string | null;
  /** What would happen to it, without its address: `would be destroyed`. */
  readonly problem: string;
  readonly cause: RefusalCause;
}

/** What a rule objects to. The address is that of the change it was asked about. */
export type Objection = Omit<Refusal, "address">;

export function undeployed(problem: string): Objection {
  return { problem, cause: "undeployed" };
}

export function drifted(problem: string): Objection {
  return { problem, cause: "drift" };
}
