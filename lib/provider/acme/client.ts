import type { IncomingHttpHeaders } from "node:http";
import type { Directory } from "./directory";
import { explain } from "./explanation";
import { AcmeFailure } from "./failure";
import type { HttpsReply } from "./https";
import type { JwsHeader, JwsSigner } from "./jws";
import { pause, retryAfter } from "./patience";
import { type Problem, parseProblem } from "./problem";

export interface AcmeReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Enough for a server that refuses one nonce in twenty, and few enough to notice one that refuses all. */
const MAX_NONCES = 10;

/** Signed requests to a CA. Tries again what may only have failed for the moment, for a bounded time. */
export class AcmeClient {
  constructor(
    readonly directory: Directory,
    readonly signer: JwsSigner,
    private readonly signal?: AbortSignal,
  ) {}

  /**
   * @param payload null to read (POST-as-GET)
   * @param accountUrl null where there is no account yet: the key speaks for itself
   * @throws {AcmeFailure}
   */
  async post(url: string, payload: object | null, accountUrl: string | null): Promise<AcmeReply> {
    const { patience } = this.directory;
    for (let attempt = 1; ; attempt++) {
      const reply = await this.#attempt(url, payload, accountUrl).catch((error: unknown) => {
        if (!(error instanceof AcmeFailure) || attempt === patience.attempts) throw error;
        return null;
      });
      if (reply !== null && reply.status < 400) return reply;
      const wait = reply && retryAfter(reply.headers["retry-after"]);
      if (reply !== null) {
        const problem = problemIn(reply);
        const isPassing = isBusy(reply, problem) && (wait ?? 0) <= patience.longestPause;
        if (!isPassing || attempt === patience.attempts) throw failure(problem, wait ?? undefined);
      }
      await pause(wait ?? Math.min(patience.pause * 2 ** (attempt - 1), patience.longestPause), this.signal);
    }
  }

  async postJson<T>(url: string, payload: object | null, accountUrl: string | null): Promise<T> {
    return json<T>(await this.post(url, payload, accountUrl));
  }

  async #attempt(url: string, payload: object | null, accountUrl: string | null): Promise<HttpsReply> {
    const who = accountUrl === null ? { jwk: this.signer.jwk } : { kid: accountUrl };
    for (let count = 1; ; count++) {
      const header: JwsHeader = { url, nonce: await this.directory.nonce(), ...who };
      const body = JSON.stringify(this.signer.sign(header, payload));
      const reply = await this.directory.send({ method: "POST", url, body });
      if (reply.status !== 400 || count === MAX_NONCES || problemIn(reply).kind !== "badNonce") return reply;
    }
  }
}

/** @throws {AcmeFailure} */
export function json<T>({ body }: AcmeReply): T {
  try {
    return JSON.parse(body) as T;
  } catch {
    throw new AcmeFailure("The CA answered with something that is not JSON.", "Check directory_url.");
  }
}

function problemIn({ status, body }: HttpsReply): Problem {
  try {
    return parseProblem(JSON.parse(body));
  } catch {
    return { kind: status >= 500 ? "serverInternal" : `status ${status}`, detail: "", subproblems: [] };
  }
}

/** Rate limits are no matter of seconds; a server that has too much to do sends the same status with few of them. */
function isBusy({ status, headers }: HttpsReply, { kind }: Problem): boolean {
  if (status >= 500) return true;
  return (status === 429 || kind === "rateLimited") && headers["retry-after"] !== undefined;
}

function failure(problem: Problem, waitMs: number | undefined): AcmeFailure {
  return explain(problem, waitMs === undefined ? undefined : new Date(Date.now() + waitMs));
}
