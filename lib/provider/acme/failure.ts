import type { Problem } from "./problem";

/** Why there is no certificate: the CA refused, cannot be reached, or would refuse. */
export class AcmeFailure extends Error {
  override readonly name = "AcmeFailure";

  /**
   * @param message what is wrong, as a sentence
   * @param remedy what to do about it, as a sentence
   */
  constructor(
    message: string,
    readonly remedy: string,
    /** The CA's problem document, if it sent one. */
    readonly problem?: Problem,
    /** A retry before this time would fail in the same way. */
    readonly retryAt?: Date,
    /** The ordered host names that the failure is about, if it is not about all of them. */
    readonly names: readonly string[] = namesIn(problem),
  ) {
    super(message);
  }
}

function namesIn(problem: Problem | undefined): readonly string[] {
  if (problem === undefined) return [];
  const named = [problem, ...problem.subproblems].flatMap(({ name }) => name ?? []);
  return [...new Set(named)];
}
