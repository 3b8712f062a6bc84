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
  ) {
    super(message);
  }
}
