/** What an ACME server says instead of doing something (RFC 8555 §6.7, RFC 9457). */
export interface Problem {
  /** The kind of the problem, without the common beginning of ACME's own: `rateLimited`, `dns` … */
  readonly kind: string;
  readonly detail: string;
  /** The host name that it is about. */
  readonly name?: string;
  /** One for each name, where a request failed because of several. */
  readonly subproblems: readonly Problem[];
}

const ACME_ERRORS = "urn:ietf:params:acme:error:";

/** @param document whatever the server sent */
export function parseProblem(document: unknown): Problem {
  const { type, detail, identifier, subproblems } = isRecord(document) ? document : {};
  const name = isRecord(identifier) && typeof identifier.value === "string" ? identifier.value : undefined;
  const kind = printable(typeof type === "string" ? type : "unknown");
  return {
    kind: kind.startsWith(ACME_ERRORS) ? kind.slice(ACME_ERRORS.length) : kind,
    detail: printable(typeof detail === "string" ? detail : ""),
    ...(name !== undefined && { name: printable(name) }),
    subproblems: Array.isArray(subproblems) ? subproblems.map(parseProblem) : [],
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** What a server says ends up on terminals. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, " ").slice(0, 1000);
}
