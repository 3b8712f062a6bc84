/** The response to a challenge, which proves control of a name (RFC 8555 §8). */
export interface ChallengeResponse {
  /** The host name, without `*.`. */
  readonly name: string;
  readonly token: string;
  readonly keyAuthorization: string;
}

/** Answers challenges of one type. */
export interface Solver {
  readonly type: "http-01" | "dns-01";
  /**
   * Publishes all responses where the CA looks for them, then checks them itself.
   *
   * @returns problems that need not make the CA refuse, as sentences, reported if it does
   * @throws {AcmeFailure}
   */
  present(responses: readonly ChallengeResponse[], signal?: AbortSignal): Promise<readonly string[]>;
  /**
   * Removes what `present` has published, also after it failed part-way.
   *
   * @returns what could not be removed, for a warning
   */
  withdraw(responses: readonly ChallengeResponse[]): Promise<readonly string[]>;
}
