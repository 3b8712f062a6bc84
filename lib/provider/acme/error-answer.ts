import { parseRetryAfter } from "./documents";
import { explain } from "./explanation";
import { AcmeFailure } from "./failure";
import type { HttpsReply } from "./https";
import { type Problem, parseProblem } from "./problem";

/** The problem that an error response reports. What is in front of a CA, such as a proxy, has no types: then the status says it. */
export function problemIn({ status, body }: Pick<HttpsReply, "status" | "body">): Problem {
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

/** The failure that an error response means. */
export function failureIn(reply: HttpsReply): AcmeFailure {
  const waitMs = parseRetryAfter(reply);
  return explain(problemIn(reply), waitMs === undefined ? undefined : new Date(Date.now() + waitMs));
}

/**
 * Whether the server is overloaded, so that a retry within seconds makes sense. A rate limit has the same
 * status, with a much longer `Retry-After` or none.
 */
export function isBusy(reply: HttpsReply): boolean {
  if (reply.status >= 500) return true;
  const isLimited = reply.status === 429 || problemIn(reply).kind === "rateLimited";
  return isLimited && reply.headers["retry-after"] !== undefined;
}

/** The CA has too much to do for one request; a retry may succeed. */
export class Busy extends AcmeFailure {
  /** How long the CA asks to wait. */
  readonly waitMs: number | undefined;

  constructor(reply: HttpsReply) {
    const { message, remedy, problem, retryAt } = failureIn(reply);
    super(message, remedy, problem, retryAt);
    this.waitMs = parseRetryAfter(reply);
  }
}
