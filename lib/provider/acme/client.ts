import type { Attempt, Directory } from "./directory";
import { parseRetryAfter } from "./documents";
import { explain } from "./explanation";
import type { HttpsReply } from "./https";
import type { JwsHeader, JwsSigner } from "./jws";
import { type Problem, parseProblem } from "./problem";

/** Enough for a server that refuses one nonce in twenty, and few enough to give up on one that refuses all. */
const MAX_NONCES = 10;

/** Signed requests to a CA. Temporary failures are retried for a bounded time. */
export class AcmeClient {
  constructor(
    readonly directory: Directory,
    readonly signer: JwsSigner,
    private readonly signal?: AbortSignal,
  ) {}

  /**
   * @param payload null to read (POST-as-GET)
   * @param accountUrl null before the account exists: the request then carries the public key
   * @throws {AcmeFailure}
   */
  async post(url: string, payload: object | null, accountUrl: string | null): Promise<HttpsReply> {
    // Fetched first, with retries of its own, so that its attempts and those of the request do not multiply.
    await this.directory.document(this.signal);
    return this.directory.withRetries(async (): Promise<Attempt<HttpsReply>> => {
      const reply = await this.#send(url, payload, accountUrl);
      if (reply.status < 400) return { done: reply };
      const [problem, waitMs] = [problemIn(reply), parseRetryAfter(reply)];
      const failure = explain(problem, waitMs === undefined ? undefined : new Date(Date.now() + waitMs));
      if (!isBusy(reply, problem)) throw failure;
      return { failure, ...(waitMs !== undefined && { waitMs }) };
    }, this.signal);
  }

  async #send(url: string, payload: object | null, accountUrl: string | null): Promise<HttpsReply> {
    const who = accountUrl === null ? { jwk: this.signer.jwk } : { kid: accountUrl };
    for (let count = 1; ; count++) {
      const header: JwsHeader = { url, nonce: await this.directory.nonce(), ...who };
      const body = JSON.stringify(this.signer.sign(header, payload));
      const reply = await this.directory.send({ method: "POST", url, body });
      if (reply.status !== 400 || count === MAX_NONCES || problemIn(reply).kind !== "badNonce") return reply;
    }
  }
}

/** The problem that an error response reports. What is in front of a CA, such as a proxy, has no types: then the status says it. */
export function problemIn({ status, body }: HttpsReply): Problem {
  const problem = parsed(body);
  const kind = status >= 500 ? "serverInternal" : status === 429 ? "rateLimited" : null;
  if (problem === null) return { kind: kind ?? `status ${status}`, detail: "", subproblems: [] };
  return UNTYPED.has(problem.kind) ? { ...problem, kind: kind ?? problem.kind } : problem;
}

/** The latter is RFC 9457's for no type. */
const UNTYPED: ReadonlySet<string> = new Set(["unknown", "about:blank"]);

function parsed(body: string): Problem | null {
  try {
    return parseProblem(JSON.parse(body));
  } catch {
    return null;
  }
}

/**
 * Whether the server is overloaded, so that a retry within seconds makes sense. A rate limit has the same
 * status, with a much longer `Retry-After` or none.
 */
function isBusy({ status, headers }: HttpsReply, { kind }: Problem): boolean {
  if (status >= 500) return true;
  return (status === 429 || kind === "rateLimited") && headers["retry-after"] !== undefined;
}
