/** What proves to a CA that a name is ours (RFC 8555 §8). */
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
   * Puts all responses where the CA looks for them, and looks itself first.
   *
   * @returns what went wrong without being a reason to give up, as sentences: worth saying if the CA then refuses
   * @throws {AcmeFailure}
   */
  present(responses: readonly ChallengeResponse[], signal?: AbortSignal): Promise<readonly string[]>;
  /**
   * Takes away whatever `present` has put somewhere, also where that failed half-way.
   *
   * @returns what could not be taken away, for a warning
   */
  withdraw(responses: readonly ChallengeResponse[]): Promise<readonly string[]>;
}
