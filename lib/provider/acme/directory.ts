import { secureUrl } from "./answer";
import { type DirectoryDocument, parseDate, parseDirectory, parseNonce, parseRetryAfter } from "./documents";
import { Busy } from "./error-answer";
import { AcmeFailure } from "./failure";
import { Https, type HttpsReply, type HttpsRequest, Unreachable } from "./https";
import { ACME_TIMEOUTS, type AcmeTimeouts, pause } from "./timeouts";

/** The result of one attempt: a value, or a failure that may pass with a retry. */
export type Attempt<T> = { readonly done: T } | { readonly failure: AcmeFailure; readonly waitMs?: number };

/** A CA: its directory, fetched once, and the nonces that it has sent. */
export class Directory {
  readonly #https: Https;
  readonly #nonces: string[] = [];
  readonly #silence: Silence;
  /** The same as `#silence`, for requests with a short timeout: a request with more time may still be answered. */
  readonly #slowness: Silence;
  #document: Promise<DirectoryDocument> | undefined;
  #documentSoon: Promise<DirectoryDocument> | undefined;
  #known: DirectoryDocument | undefined;
  #asking: Promise<boolean> | undefined;
  #clockAheadMs: number | undefined;

  /**
   * @param caPem CA certificates (PEM) that the server's TLS certificate is verified against; null for the
   *   public CAs
   */
  constructor(
    readonly url: string,
    caPem: string | null,
    readonly timeouts: AcmeTimeouts = ACME_TIMEOUTS,
  ) {
    this.#https = new Https(caPem);
    this.#silence = new Silence(timeouts.silenceMs);
    this.#slowness = new Silence(timeouts.silenceMs);
  }

  /** @throws {AcmeFailure} */
  document(signal?: AbortSignal): Promise<DirectoryDocument> {
    if (this.#known !== undefined) return Promise.resolve(this.#known);
    // After a failure a later call tries again.
    this.#document ??= this.#retried(() => this.#attempt(), { isSilent: async () => true, signal }).finally(
      () => {
        this.#document = undefined;
      },
    );
    return this.#document;
  }

  /** A nonce that has not been used. @throws {AcmeFailure} {@link Busy} if `withRetries` may get one */
  async nonce(timeoutMs = this.timeouts.requestMs): Promise<string> {
    const kept = this.#nonces.pop();
    if (kept !== undefined) return kept;
    const { newNonce } = await this.document();
    const reply = await this.#ask({ method: "HEAD", url: newNonce, timeoutMs });
    this.#noteClock(reply);
    const nonce = parseNonce(reply);
    if (nonce !== undefined) return nonce;
    throw isOverloaded(reply) ? new Busy(reply) : notAcme(this.url, "it gives no nonce");
  }

  /** @throws {AcmeFailure} if there is no response; an error response is returned */
  async send(request: Request): Promise<HttpsReply> {
    const reply = await this.#ask(request);
    this.#noteClock(reply);
    const nonce = parseNonce(reply);
    if (nonce !== undefined) this.#nonces.push(nonce);
    return reply;
  }

  /** How far the CA's clock is ahead of this machine's, in milliseconds, by its last answer; undefined if it does not say. */
  async clockAheadMs(timeoutMs = this.timeouts.requestMs): Promise<number | undefined> {
    if (this.#clockAheadMs === undefined) this.#nonces.push(await this.nonce(timeoutMs));
    return this.#clockAheadMs;
  }

  /** Does the same as `clockAheadMs`, for a plan: see {@link getSoon}. @throws {AcmeFailure} */
  clockAheadSoon(): Promise<number | undefined> {
    return this.#once((_, timeoutMs) => this.clockAheadMs(timeoutMs));
  }

  /**
   * A GET with a short timeout and no retries, for information that a plan does not depend on.
   *
   * @param urlOf selects the URL; undefined if the CA does not offer it
   * @throws {AcmeFailure}
   */
  getSoon(
    urlOf: (document: DirectoryDocument) => string | undefined,
  ): Promise<(HttpsReply & { readonly url: string }) | null> {
    return this.#once(async (document, timeoutMs) => {
      const url = urlOf(document);
      return url === undefined ? null : { url, ...(await this.#ask({ method: "GET", url, timeoutMs })) };
    });
  }

  /** Does the same as `getSoon`, for resources that require a signed request. @throws {AcmeFailure} */
  postSoon(url: string, sign: (nonce: string) => object): Promise<HttpsReply> {
    return this.#once(async (_, timeoutMs) => {
      const body = JSON.stringify(sign(await this.nonce(timeoutMs)));
      return this.send({ method: "POST", url, body, timeoutMs });
    });
  }

  /**
   * Retries temporary failures for a bounded time. If the CA does not answer at all, further calls fail at
   * once for a while instead of waiting as long. What it does not answer of one order alone holds back no other.
   *
   * @throws {AcmeFailure}
   */
  withRetries<T>(attempt: () => Promise<Attempt<T>>, signal?: AbortSignal): Promise<T> {
    return this.#retried(attempt, { isSilent: () => this.#isSilent(), signal });
  }

  close(): void {
    this.#https.close();
  }

  /** @param isSilent asked when all attempts got no response */
  async #retried<T>(
    attempt: () => Promise<Attempt<T>>,
    {
      isSilent,
      signal,
    }: { readonly isSilent: () => Promise<boolean>; readonly signal: AbortSignal | undefined },
  ): Promise<T> {
    const { attempts, pauseMs, longestPauseMs } = this.timeouts;
    for (let count = 1; ; count++) {
      this.#silence.refuse();
      const outcome = await attempt().catch((error: unknown) => {
        if (error instanceof Busy) return { failure: error, waitMs: error.waitMs };
        if (error instanceof Unreachable) return { failure: error };
        throw error;
      });
      if ("done" in outcome) return outcome.done;
      const { failure, waitMs = Math.min(pauseMs * 2 ** (count - 1), longestPauseMs) } = outcome as Exclude<
        Attempt<T>,
        { done: T }
      >;
      if (count >= attempts || waitMs > longestPauseMs) {
        if (failure instanceof Unreachable && (await isSilent())) this.#silence.begin(failure);
        throw failure;
      }
      await pause(waitMs, signal);
    }
  }

  /** All that find no answer at once share one question. */
  #isSilent(): Promise<boolean> {
    this.#asking ??= this.#givesNoNonce().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** Whether the CA does not even give a nonce, which all orders need. */
  async #givesNoNonce(): Promise<boolean> {
    const timeoutMs = this.timeouts.renewalInformationMs;
    try {
      await this.#ask({ method: "HEAD", url: this.#known?.newNonce ?? this.url, timeoutMs });
      return false;
    } catch (error) {
      if (error instanceof AcmeFailure) return error instanceof Unreachable;
      throw error;
    }
  }

  /**
   * One attempt with a short timeout. If it gets no response, further ones fail at once for a while: a plan
   * makes one for each certificate.
   */
  async #once<T>(question: (document: DirectoryDocument, timeoutMs: number) => Promise<T>): Promise<T> {
    this.#slowness.refuse();
    const timeoutMs = this.timeouts.renewalInformationMs;
    try {
      return await question(this.#known ?? (await this.#soon(timeoutMs)), timeoutMs);
    } catch (error) {
      if (error instanceof Unreachable) this.#slowness.begin(error);
      throw error;
    }
  }

  /** The directory, with a short timeout. Not shared with `document`, whose callers allow more time. */
  #soon(timeoutMs: number): Promise<DirectoryDocument> {
    this.#documentSoon ??= this.#get(timeoutMs)
      .then((reply) => this.#read(reply))
      .finally(() => {
        this.#documentSoon = undefined;
      });
    return this.#documentSoon;
  }

  /** Of answers with a nonce: others, such as the directory, may come from a cache. */
  #noteClock(reply: HttpsReply): void {
    const date = parseDate(reply);
    if (date !== undefined) this.#clockAheadMs = +date - Date.now();
  }

  async #attempt(): Promise<Attempt<DirectoryDocument>> {
    const reply = await this.#get(this.timeouts.requestMs);
    if (!isOverloaded(reply)) return { done: this.#read(reply) };
    return {
      failure: notAcme(this.url, `it answers with status ${reply.status}`),
      waitMs: parseRetryAfter(reply),
    };
  }

  #get(timeoutMs: number): Promise<HttpsReply> {
    return this.#ask({ method: "GET", url: this.url, timeoutMs });
  }

  #read(reply: HttpsReply): DirectoryDocument {
    if (reply.status !== 200) throw notAcme(this.url, `it answers with status ${reply.status}`);
    this.#known = parseDirectory(this.url, reply);
    return this.#known;
  }

  async #ask({ url, timeoutMs = this.timeouts.requestMs, ...request }: Request): Promise<HttpsReply> {
    const reply = await this.#https.send({ ...request, url: secureUrl(url, this.url), timeoutMs });
    this.#silence.end();
    return reply;
  }
}

type Request = Omit<HttpsRequest, "timeoutMs"> & { readonly timeoutMs?: number };

/**
 * Remembers for a while that the server did not answer. Uses the monotonic clock, because the system's clock
 * can be set.
 */
class Silence {
  #kept: { readonly failure: AcmeFailure; readonly until: number } | undefined;

  constructor(private readonly durationMs: number) {}

  begin(failure: AcmeFailure): void {
    this.#kept ??= { failure, until: performance.now() + this.durationMs };
  }

  end(): void {
    this.#kept = undefined;
  }

  /** @throws {AcmeFailure} while it lasts */
  refuse(): void {
    if (this.#kept === undefined) return;
    if (performance.now() < this.#kept.until) throw this.#kept.failure;
    this.#kept = undefined;
  }
}

/** Whether a request that is about no order comes too early. Let's Encrypt gives an address 20 nonces a second, in bursts of 10. */
function isOverloaded({ status }: HttpsReply): boolean {
  return status === 429 || status >= 500;
}

function notAcme(url: string, because: string): AcmeFailure {
  return new AcmeFailure(
    `${url} is not the directory of an ACME server, or fails: ${because}.`,
    "Check directory_url; for Let's Encrypt it is https://acme-v02.api.letsencrypt.org/directory.",
  );
}
