import type { Attempt, Directory } from "./directory";
import { parseRetryAfter } from "./documents";
import { failureIn, isBusy, problemIn } from "./error-answer";
import type { HttpsReply } from "./https";
import type { JwsHeader, JwsSigner } from "./jws";

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
      if (!isBusy(reply)) throw failureIn(reply);
      return { failure: failureIn(reply), waitMs: parseRetryAfter(reply) };
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
