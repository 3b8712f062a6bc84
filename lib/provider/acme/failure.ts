import type { Problem } from "./problem";

/** Why there is no certificate: the CA said no, cannot be reached, or would have said no. */
export class AcmeFailure extends Error {
  override readonly name = "AcmeFailure";

  /**
   * @param message what is wrong, as a sentence
   * @param remedy what to do about it, as a sentence
   */
  constructor(
    message: string,
    readonly remedy: string,
    /** What the CA said, where it said something. */
    readonly problem?: Problem,
    /** Before then another try would fail in the same way. */
    readonly retryAt?: Date,
    /** The host names at fault, where it is about some of those that were ordered. */
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
