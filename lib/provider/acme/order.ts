import type { AcmeAccount } from "./account";
import { type AcmeClient, type AcmeReply, json } from "./client";
import { explain } from "./explanation";
import { AcmeFailure } from "./failure";
import { pause, retryAfter } from "./patience";
import { parseProblem } from "./problem";
import type { ChallengeResponse, Solver } from "./solver";

export interface OrderRequest {
  /** Lower-case A-labels and wildcards. */
  readonly names: readonly string[];
  /** The certificate request (PKCS #10), DER. */
  readonly csr: Buffer;
  readonly solver: Solver;
  readonly profile: string | null;
  /** The identifier (RFC 9773 §4.1) of the certificate that this one is to replace. */
  readonly replaces: string | null;
  readonly signal?: AbortSignal;
}

export interface IssuedChains {
  /** The leaf and its chain, as PEM: the one that the CA gives by default first, then its alternatives. */
  alternatives(): Promise<readonly string[]>;
  readonly byDefault: string;
  /** What went wrong without holding up the order. */
  readonly warnings: readonly string[];
}

interface OrderDocument {
  readonly status: "pending" | "ready" | "processing" | "valid" | "invalid";
  readonly authorizations: readonly string[];
  readonly finalize: string;
  readonly certificate?: string;
  readonly error?: unknown;
}

interface AuthorizationDocument {
  readonly status: "pending" | "valid" | "invalid" | "deactivated" | "expired" | "revoked";
  readonly identifier: { readonly value: string };
  readonly challenges: readonly ChallengeDocument[];
}

interface ChallengeDocument {
  readonly type: string;
  readonly url: string;
  readonly token: string;
  readonly error?: unknown;
}

/** Orders a certificate (RFC 8555 §7.4). @throws {AcmeFailure} */
export function orderCertificate(account: AcmeAccount, request: OrderRequest): Promise<IssuedChains> {
  return new Order(account, request).run();
}

class Order {
  readonly #client: AcmeClient;
  readonly #warnings: string[] = [];

  constructor(
    private readonly account: AcmeAccount,
    private readonly request: OrderRequest,
  ) {
    this.#client = account.client(request.signal);
  }

  async run(): Promise<IssuedChains> {
    // A name and its wildcard are proven by the same TXT record.
    const proven = this.request.names.map((name) => name.replace(/^\*\./, ""));
    const { url, order } = await this.account.names
      .take(proven, () => this.#authorised())
      .catch((error: unknown) => {
        throw this.#withWarnings(error);
      });
    const issued = await this.#finalised(url, order);
    const reply = await this.#client.post(String(issued.certificate), null, this.account.url);
    return {
      byDefault: reply.body,
      alternatives: async () => [reply.body, ...(await this.#alternatives(reply))],
      warnings: this.#warnings,
    };
  }

  /** What went wrong on the way of an order that failed is said with it. */
  #withWarnings(error: unknown): unknown {
    if (!(error instanceof AcmeFailure) || this.#warnings.length === 0) return error;
    const { message, remedy, problem, retryAt } = error;
    return new AcmeFailure([message, ...this.#warnings].join(" "), remedy, problem, retryAt);
  }

  /** An order of which every name is proven to be ours. */
  async #authorised(): Promise<{ url: string; order: OrderDocument }> {
    const reply = await this.#begun();
    const order = json<OrderDocument>(reply);
    const authorizations = await Promise.all(order.authorizations.map((url) => this.#pending(url)));
    const pending = authorizations
      .filter((authorization) => authorization !== null)
      .sort((one, other) => (one.response.name < other.response.name ? -1 : 1));
    const url = String(reply.headers.location);
    if (pending.length > 0) await this.#prove(url, pending);
    return { url, order };
  }

  async #begun(): Promise<AcmeReply> {
    const { newOrder, renewalInfo } = await this.account.directory.document();
    const { names, profile, replaces } = this.request;
    const order = {
      identifiers: names.map((value) => ({ type: "dns", value })),
      ...(profile !== null && { profile }),
    };
    const post = (payload: object) => this.#client.post(newOrder, payload, this.account.url);
    if (replaces === null || renewalInfo === undefined) return post(order);
    try {
      return await post({ ...order, replaces });
    } catch (error) {
      // What it is to replace may be of another CA or account, or replaced already: then it is an order like any other.
      if (!isRefusal(error) || ["rateLimited", "serverInternal"].includes(error.problem.kind)) throw error;
      return post(order);
    }
  }

  async #pending(url: string): Promise<Authorization | null> {
    const document = await this.#client.postJson<AuthorizationDocument>(url, null, this.account.url);
    if (document.status === "valid") return null;
    const { type } = this.request.solver;
    const name = document.identifier.value;
    const challenge = document.challenges.find((candidate) => candidate.type === type);
    if (challenge === undefined) {
      throw new AcmeFailure(
        `${name}: the CA does not offer the challenge ${type} for it.`,
        type === "http-01"
          ? "Wildcards can only be proven in DNS: use a DNS hook, or take the wildcard out."
          : "Use another challenge.",
      );
    }
    // It becomes the name of a file.
    if (!/^[A-Za-z0-9_-]{16,200}$/.test(challenge.token)) {
      throw new AcmeFailure(`${name}: the CA sent a challenge whose token is none.`, "Check directory_url.");
    }
    const keyAuthorization = `${challenge.token}.${this.account.signer.thumbprint}`;
    return { url, challenge, response: { name, token: challenge.token, keyAuthorization } };
  }

  async #prove(orderUrl: string, authorizations: readonly Authorization[]): Promise<void> {
    const { solver, signal } = this.request;
    const responses = authorizations.map(({ response }) => response);
    try {
      await solver.present(responses, signal);
      await Promise.all(
        authorizations.map(({ challenge }) => this.#client.post(challenge.url, {}, this.account.url)),
      );
      await this.#untilReady(orderUrl, authorizations);
    } finally {
      this.#warnings.push(...(await solver.withdraw(responses)));
    }
  }

  /** The order knows of all names, so that only where it fails each has to be asked about. */
  async #untilReady(url: string, authorizations: readonly Authorization[]): Promise<void> {
    const names = authorizations.map(({ response }) => response.name).join(", ");
    const isOver = ({ status }: OrderDocument) => status !== "pending";
    const order = await this.#poll<OrderDocument>(url, `looking at ${names}`, isOver);
    if (order.status !== "invalid") return;
    refuseFailed(await Promise.allSettled(authorizations.map((each) => this.#untilValid(each))));
    throw explain(parseProblem(order.error));
  }

  async #untilValid({ url, response }: Authorization): Promise<void> {
    const document = await this.#poll<AuthorizationDocument>(
      url,
      `looking at ${response.name}`,
      ({ status }) => status !== "pending",
    );
    if (document.status === "valid") return;
    const { error } = document.challenges.find((challenge) => challenge.error !== undefined) ?? {};
    throw explain({ ...parseProblem(error), name: response.name });
  }

  async #finalised(url: string, { finalize }: OrderDocument): Promise<OrderDocument> {
    const csr = this.request.csr.toString("base64url");
    const isOver = ({ status }: OrderDocument) => status === "valid" || status === "invalid";
    const answer = await this.#client
      .postJson<OrderDocument>(finalize, { csr }, this.account.url)
      .catch((error: unknown) => {
        // An attempt before may have arrived, and only its answer be lost.
        if (isRefusal(error) && error.problem.kind === "orderNotReady") return null;
        throw error;
      });
    const order = answer && isOver(answer) ? answer : await this.#poll<OrderDocument>(url, "issuing", isOver);
    if (order.status === "valid") return order;
    throw explain(parseProblem(order.error));
  }

  /** Asks until something is over, which it hardly ever is at once. */
  async #poll<T>(url: string, what: string, isOver: (document: T) => boolean): Promise<T> {
    const { poll, longestPause, order: patience } = this.account.directory.patience;
    // From now on: the order may have waited for others, and for records to be seen.
    const deadline = Date.now() + patience;
    await pause(poll, this.request.signal);
    for (let wait = poll; ; wait = Math.min(wait * 2, longestPause)) {
      const reply = await this.#client.post(url, null, this.account.url);
      const document = json<T>(reply);
      if (isOver(document)) return document;
      const asked = retryAfter(reply.headers["retry-after"]) ?? 0;
      const next = Math.min(Math.max(asked, wait), longestPause);
      if (Date.now() + next > deadline) {
        throw new AcmeFailure(
          `The CA was not done with ${what} in time.`,
          "Apply again: what it has looked at until then counts.",
        );
      }
      await pause(next, this.request.signal);
    }
  }

  async #alternatives({ headers }: AcmeReply): Promise<readonly string[]> {
    const urls = alternateLinks(headers.link as string | readonly string[] | undefined);
    const replies = await Promise.all(urls.map((url) => this.#client.post(url, null, this.account.url)));
    return replies.map(({ body }) => body);
  }
}

interface Authorization {
  readonly url: string;
  readonly challenge: ChallengeDocument;
  readonly response: ChallengeResponse;
}

/** The targets of `<URL>;rel="alternate"` (RFC 8555 §7.4.2). */
export function alternateLinks(header: string | readonly string[] | undefined): readonly string[] {
  const text = [header ?? []].flat().join(", ");
  return [...text.matchAll(/<([^>]*)>\s*;\s*rel="?alternate"?/g)].map(([, url]) => url as string);
}

function isRefusal(error: unknown): error is AcmeFailure & { problem: NonNullable<AcmeFailure["problem"]> } {
  return error instanceof AcmeFailure && error.problem !== undefined;
}

/** Everything that went wrong in one message: a user wants to mend all names at once. */
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
  );
}
