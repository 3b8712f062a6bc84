import type { EngineDiagnostic } from "../../engine/diagnostics";
import type { PublicFacts } from "../../inputs/public-facts";
import type { Refusal } from "../policy/refusal";
import type { Verification } from "./verification";

/**
 * What came of a stack's plan:
 *
 * - `unplanned`: there is none, or it has errors
 * - `refused`: it has changes that must not be made unattended
 * - `unchanged`: it is empty
 * - `applied`: all of it was applied
 * - `failed`: the apply failed, perhaps in part
 * - `stale`: the state was changed by another run meanwhile, so nothing was applied
 * - `stopped`: a signal ended the run, before or during the apply
 */
export type Outcome =
  | { readonly kind: "unplanned"; readonly problem: string }
  | { readonly kind: "refused"; readonly refusals: readonly Refusal[] }
  | { readonly kind: "unchanged" }
  | { readonly kind: "applied" }
  | { readonly kind: "failed"; readonly problem: string | null }
  | { readonly kind: "stale" }
  | { readonly kind: "stopped"; readonly hasBegun: boolean };

export const OUTCOMES = [
  "unplanned",
  "refused",
  "unchanged",
  "applied",
  "failed",
  "stale",
  "stopped",
] as const satisfies readonly Outcome["kind"][];

/** The public facts of a stack, or why they cannot be read. */
export interface FactsReading {
  /** As the last apply left them that succeeded; null if they are not known. */
  readonly facts: PublicFacts | null;
  /** Null if they were read, or not asked for. */
  readonly factsProblem: string | null;
}

/** What `renew` did for one stack. */
export interface StackRun extends FactsReading {
  readonly stack: string;
  readonly outcome: Outcome;
  /** The mail domains whose renewals are due; the first name of a certificate that no domain is known of. */
  readonly due: readonly string[];
  /** The mail domains with another certificate than before; null if that is not known, as after an apply that failed in part. */
  readonly renewed: readonly string[] | null;
  /** What the engine said of the plan, or of the apply. */
  readonly diagnostics: readonly EngineDiagnostic[];
  /** How many more messages the engine had. */
  readonly omittedDiagnostics: number;
  readonly verification: Verification;
}
