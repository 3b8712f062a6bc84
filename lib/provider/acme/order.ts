import type { AcmeAccount } from "./account";
import { MalformedAnswer } from "./answer";
import type { AcmeClient } from "./client";
import {
  type AuthorizationDocument,
  type ChallengeDocument,
  type OrderDocument,
  parseAlternates,
  parseAuthorization,
  parseChain,
  parseLocation,
  parseOrder,
  parseRetryAfter,
} from "./documents";
import { explain, isFinal, isTemporary } from "./explanation";
import { AcmeFailure } from "./failure";
import type { HttpsReply } from "./https";
import { parseProblem } from "./problem";
import type { ChallengeResponse, Solver } from "./solver";
import { delayed, pause, refuseStopped } from "./timeouts";

export interface OrderRequest {
  /** Lower-case A-labels and wildcards. */
  readonly names: readonly string[];
  /** The certificate request (PKCS #10), DER. */
  readonly csr: Buffer;
  readonly solver: Solver;
  readonly profile: string | null;
  /** The identifier (RFC 9773 §4.1) of the certificate that this one replaces. */
  readonly replaces: string | null;
  readonly signal?: AbortSignal;
  /** Told the order's URL, once there is one. The order is not finalised before the promise is settled. */
  readonly onOrder?: (url: string) => Promise<void>;
  /** Told if the order fails for good: the CA refuses its names or its key, or has made it invalid. */
  readonly onRefused?: () => Promise<void>;
}

export interface IssuedChains {
  /** The leaf and its chain, as PEM. */
  readonly byDefault: string;
  /** The other chains that the CA offers, as far as they can be downloaded. */
  alternatives(): Promise<Alternatives>;
  /** Problems that did not fail the order. */
  readonly warnings: readonly string[];
}

export interface Alternatives {
  /** The chains that the CA offers besides its default chain, as far as they could be downloaded. */
  readonly chains: readonly string[];
  /** Why chains are missing. */
  readonly problems: readonly string[];
}

/** Orders a certificate (RFC 8555 §7.4). @throws {AcmeFailure} */
export function orderCertificate(account: AcmeAccount, request: OrderRequest): Promise<IssuedChains> {
  return new Order(account, request).run();
}

/**
 * Goes on with an order that was begun with the same names and the same request.
 *
 * @returns null if nothing can come of it: the CA no longer has it, or it has failed
 * @throws {AcmeFailure} also if the CA cannot say
 */
export function resumeOrder(
  account: AcmeAccount,
  request: OrderRequest,
  url: string,
): Promise<IssuedChains | null> {
  return new Order(account, request).resume(url);
}

class Order {
  readonly #client: AcmeClient;
  readonly #warnings: string[] = [];
  /** Possible causes of a refusal by the CA. */
  readonly #concerns: string[] = [];
  #isInvalid = false;

  constructor(
    private readonly account: AcmeAccount,
    private readonly request: OrderRequest,
  ) {
    this.#client = account.client(request.signal);
  }

  async run(): Promise<IssuedChains> {
    const order = await this.#tellingRefusal(async () => {
      const begun = await this.#exclusively(async () => {
        const { url, order } = await this.#begun();
        const noted = this.request.onOrder?.(url);
        await this.#authorise(url, order).finally(() => noted);
        return { url, order };
      });
      return this.#finalised(begun.url, begun.order);
    });
    return this.#downloaded(order);
  }

  async resume(url: string): Promise<IssuedChains | null> {
    const order = await this.#ifThere(async () =>
      this.#order(url, await this.#client.post(url, null, this.account.url)),
    );
    if (order === null || order.status === "invalid") return null;
    if (order.status === "valid") return this.#ifThere(() => this.#downloaded(order));
    const valid = await this.#tellingRefusal(async () => {
      if (order.status === "pending") await this.#exclusively(() => this.#authorise(url, order));
      return this.#finalised(url, order);
    });
    return this.#downloaded(valid);
  }

  async #tellingRefusal<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (this.#isInvalid || (isRefusal(error) && isFinal(error.problem))) await this.request.onRefused?.();
      throw error;
    }
  }

  /** Works on the names while no other order of the account does. */
  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    // A name and its wildcard are validated by the same TXT record.
    const proven = this.request.names.map((name) => name.replace(/^\*\./, ""));
    return this.account.nameMutex.run(proven, work).catch((error: unknown) => {
      throw this.#withWarnings(error);
    });
  }

  async #downloaded({ certificate }: { readonly certificate: string }): Promise<IssuedChains> {
    const reply = await this.#client.post(certificate, null, this.account.url);
    return {
      byDefault: parseChain(certificate, reply),
      alternatives: () => this.#alternatives(reply),
      warnings: this.#warnings,
    };
  }

  /** What an earlier run has left at the CA. Null if the CA no longer has it. */
  async #ifThere<T>(work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      const isUnanswered = !isRefusal(error) || isTemporary(error.problem);
      if (isUnanswered && !(error instanceof MalformedAnswer)) throw error;
      return null;
    }
  }

  /** Adds to a failure the problems that came before it. */
  #withWarnings(error: unknown): unknown {
    const circumstances = [...this.#concerns, ...this.#warnings];
    if (!(error instanceof AcmeFailure) || circumstances.length === 0) return error;
    const { message, remedy, problem, retryAt, names } = error;
    return new AcmeFailure([message, ...circumstances].join(" "), remedy, problem, retryAt, names);
  }

  /** Has all names of an order validated. */
  async #authorise(url: string, order: OrderDocument): Promise<void> {
    const authorizations = await Promise.all(order.authorizations.map((url) => this.#pending(url)));
    const pending = authorizations
      .filter((authorization) => authorization !== null)
      .sort((one, other) => (one.response.name < other.response.name ? -1 : 1));
    if (pending.length > 0) await this.#prove(url, pending);
    // All names were validated before, and the CA has yet to take note of that: it would refuse to finalise the order.
    else if (order.status === "pending") await this.#untilReady(url, []);
  }

  async #begun(): Promise<{ url: string; order: OrderDocument }> {
    // It may have waited for other orders.
    refuseStopped(this.request.signal);
    const { newOrder, renewalInfo } = await this.account.directory.document();
    const { names, profile, replaces } = this.request;
    const order = {
      identifiers: names.map((value) => ({ type: "dns", value })),
      ...(profile !== null && { profile }),
    };
    const post = async (payload: object) => {
      const reply = await this.#client.post(newOrder, payload, this.account.url);
      return { url: parseLocation(newOrder, reply), order: parseOrder(newOrder, reply, names.length) };
    };
    if (replaces === null || renewalInfo === undefined) return post(order);
    try {
      return await post({ ...order, replaces });
    } catch (error) {
      // The certificate to replace may be from another CA or account, or already replaced. A CA that has lost it may fail instead of
      // refusing (Pebble does, for some serial numbers), or not answer. The order then does not name it.
      if (!(error instanceof AcmeFailure) || error.problem?.kind === "rateLimited") throw error;
      refuseStopped(this.request.signal);
      return post(order);
    }
  }

  async #pending(url: string): Promise<Authorization | null> {
    const document = this.#authorization(url, await this.#client.post(url, null, this.account.url));
    if (document.status === "valid") return null;
    const { type } = this.request.solver;
    const { name } = document;
    const challenge = document.challenges.find((candidate) => candidate.type === type);
    if (challenge?.token === undefined) {
      throw new AcmeFailure(
        `${name}: the CA does not offer the challenge ${type} for it.`,
        type === "http-01"
          ? "Wildcards need a DNS challenge: use a DNS hook, or remove the wildcard."
          : "Use another challenge.",
        undefined,
        undefined,
        [name],
      );
    }
    const { token } = challenge;
    const keyAuthorization = `${token}.${this.account.signer.thumbprint}`;
    return { url, challenge, response: { name, token, keyAuthorization } };
  }

  async #prove(orderUrl: string, authorizations: readonly Authorization[]): Promise<void> {
    const { solver, signal } = this.request;
    const responses = authorizations.map(({ response }) => response);
    try {
      this.#concerns.push(...(await solver.present(responses, signal)));
      refuseStopped(signal, "the CA was asked to validate");
      await Promise.all(authorizations.map((each) => this.#startValidation(each)));
      await this.#untilReady(orderUrl, authorizations);
    } finally {
      this.#warnings.push(...(await solver.withdraw(responses)));
    }
  }

  /** Has the CA validate a challenge. A run that was killed may have asked already, and some CAs refuse to be asked twice. */
  async #startValidation({ url, challenge }: Authorization): Promise<void> {
    try {
      await this.#client.post(challenge.url, {}, this.account.url);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const now = this.#authorization(url, await this.#client.post(url, null, this.account.url));
      const isProcessing = now.challenges.some((each) => each.url === challenge.url && each.isProcessing);
      if (now.status === "pending" && !isProcessing) throw error;
    }
  }

  /**
   * Polls the order, which reflects all names. Only if it fails is each authorisation requested. A stopped run goes on for a while:
   * a CA that finds no challenge fails the order, and counts that.
   */
  async #untilReady(url: string, authorizations: readonly Authorization[]): Promise<void> {
    const names = authorizations.map(({ response }) => response.name);
    const isOver = ({ status }: OrderDocument) => status !== "pending";
    const signal = delayed(this.request.signal, this.account.directory.timeouts.validationGraceMs);
    const what = `validating ${(names.length > 0 ? names : this.request.names).join(", ")}`;
    const order = await this.#pollOrder(url, what, isOver, signal);
    if (order.status !== "invalid") return;
    this.#isInvalid = true;
    refuseFailed(await Promise.allSettled(authorizations.map((each) => this.#untilValid(each, signal))));
    throw explain(parseProblem(order.error));
  }

  async #untilValid({ url, response }: Authorization, signal: AbortSignal | undefined): Promise<void> {
    const document = await this.#poll(
      url,
      `validating ${response.name}`,
      (reply) => this.#authorization(url, reply),
      ({ status }) => status !== "pending",
      signal,
    );
    if (document.status === "valid") return;
    const { error } = document.challenges.find((challenge) => challenge.error !== undefined) ?? {};
    throw explain({ ...parseProblem(error), name: response.name });
  }

  async #finalised(
    url: string,
    { finalize }: OrderDocument,
  ): Promise<OrderDocument & { readonly status: "valid" }> {
    const csr = this.request.csr.toString("base64url");
    const isOver = ({ status }: OrderDocument) => status === "valid" || status === "invalid";
    const answer = await this.#client
      .post(finalize, { csr }, this.account.url)
      .then((reply) => this.#order(finalize, reply))
      .catch((error: unknown) => {
        // An earlier attempt may have arrived, with only its response lost.
        if (isRefusal(error) && error.problem.kind === "orderNotReady") return null;
        throw error;
      });
    const order = answer && isOver(answer) ? answer : await this.#pollOrder(url, "issuing", isOver);
    if (order.status === "valid") return order;
    this.#isInvalid = true;
    throw explain(parseProblem(order.error));
  }

  #order(url: string, reply: HttpsReply): OrderDocument {
    return parseOrder(url, reply, this.request.names.length);
  }

  #authorization(url: string, reply: HttpsReply): AuthorizationDocument {
    return parseAuthorization(url, reply, this.request.names);
  }

  #pollOrder(
    url: string,
    what: string,
    isOver: (document: OrderDocument) => boolean,
    signal = this.request.signal,
  ): Promise<OrderDocument> {
    return this.#poll(url, what, (reply) => this.#order(url, reply), isOver, signal);
  }

  /** Polls until a document reaches a final status. Waits first: it is hardly ever final at once. */
  async #poll<T>(
    url: string,
    what: string,
    parse: (reply: HttpsReply) => T,
    isOver: (document: T) => boolean,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const { pollMs, longestPauseMs, orderMs } = this.account.directory.timeouts;
    // Counted from here: the order may already have waited for other orders and for DNS.
    const deadline = performance.now() + orderMs;
    await pause(pollMs, signal);
    for (let waitMs = pollMs; ; waitMs = Math.min(waitMs * 2, longestPauseMs)) {
      const reply = await this.#client.post(url, null, this.account.url);
      const document = parse(reply);
      if (isOver(document)) return document;
      const askedMs = parseRetryAfter(reply) ?? 0;
      const nextMs = Math.min(Math.max(askedMs, waitMs), longestPauseMs);
      if (performance.now() + nextMs > deadline) throw new Unfinished(what);
      await pause(nextMs, signal);
    }
  }

  /** The other chains. One that cannot be downloaded becomes a problem and does not exclude the rest. */
  async #alternatives(reply: HttpsReply): Promise<Alternatives> {
    const results = await Promise.allSettled(
      parseAlternates(reply).map(async (url) =>
        parseChain(url, await this.#client.post(url, null, this.account.url)),
      ),
    );
    const problems = results.flatMap((result) =>
      result.status === "rejected" ? [result.reason as unknown] : [],
    );
    const bug = problems.find((problem) => !(problem instanceof AcmeFailure));
    if (bug !== undefined) throw bug;
    return {
      chains: results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : [])),
      problems: problems.map((problem) => (problem as AcmeFailure).message),
    };
  }
}

/** The CA has not finished an order. It may do so later, or never. */
export class Unfinished extends AcmeFailure {
  /** @param what it was doing */
  constructor(what: string) {
    super(`The CA did not finish ${what} in time.`, "Apply again: completed validations count.");
  }
}

interface Authorization {
  readonly url: string;
  readonly challenge: ChallengeDocument;
  readonly response: ChallengeResponse;
}

function isRefusal(error: unknown): error is AcmeFailure & { problem: NonNullable<AcmeFailure["problem"]> } {
  return error instanceof AcmeFailure && error.problem !== undefined;
}

/** Reports all failures in one message, so that the user can fix all names at once. */
function refuseFailed(results: readonly PromiseSettledResult<unknown>[]): void {
  const errors = results.flatMap((result) =>
    result.status === "rejected" ? [result.reason as unknown] : [],
  );
  const [first] = errors;
  if (first === undefined) return;
  const failures = errors.filter((error) => error instanceof AcmeFailure);
  if (failures.length < errors.length || failures.length === 1) throw first;
  throw new AcmeFailure(
    failures.map(({ message }) => message).join(" "),
    [...new Set(failures.map(({ remedy }) => remedy))].join(" "),
    failures[0]?.problem,
    undefined,
    [...new Set(failures.flatMap(({ names }) => names))],
  );
}
