import { isRecord } from "../../shared/is-record";

/** A problem document of an ACME server (RFC 8555 §6.7, RFC 9457). */
export interface Problem {
  /** The problem type, without the prefix of ACME's own: `rateLimited`, `dns` … */
  readonly kind: string;
  readonly detail: string;
  /** The host name that it is about. */
  readonly name?: string;
  /** One for each name if a request failed because of several. They have no subproblems themselves. */
  readonly subproblems: readonly Problem[];
}

const ACME_ERRORS = "urn:ietf:params:acme:error:";
const MOST_SUBPROBLEMS = 100;
const LONGEST_DETAIL = 1_000;
/** All details of subproblems together. */
const LONGEST_PARTS = 50_000;
/** Links are not cut off: one that unpauses an account is longer than most texts. */
const LONGEST_LINK = 8_000;

/** @param document what the server sent. Invalid fields are ignored: the document only explains a failure. */
export function parseProblem(document: unknown): Problem {
  const subproblems = isRecord(document) ? document.subproblems : undefined;
  return {
    ...problemAlone(document),
    subproblems: Array.isArray(subproblems) ? partsOf(subproblems) : [],
  };
}

/** The first ones, as far as their texts are not too long together. */
function partsOf(subproblems: readonly unknown[]): readonly Problem[] {
  let length = 0;
  return subproblems
    .slice(0, MOST_SUBPROBLEMS)
    .map(problemAlone)
    .filter(({ detail }) => {
      length += detail.length;
      return length <= LONGEST_PARTS;
    });
}

function problemAlone(document: unknown): Problem {
  const { type, detail, identifier } = isRecord(document) ? document : {};
  const name = isRecord(identifier) && typeof identifier.value === "string" ? identifier.value : undefined;
  const kind = printable(typeof type === "string" ? type : "unknown");
  return {
    kind: kind.startsWith(ACME_ERRORS) ? kind.slice(ACME_ERRORS.length) : kind,
    detail: printable(typeof detail === "string" ? detail : ""),
    ...(name !== undefined && { name: printable(name).slice(0, 253) }),
    subproblems: [],
  };
}

/** Control characters are removed because the text is printed to terminals. */
function printable(text: string): string {
  const clean = text.slice(0, LONGEST_DETAIL + LONGEST_LINK).replaceAll(/\p{Cc}+/gu, " ");
  if (clean.length <= LONGEST_DETAIL) return clean;
  const begun = /https?:\/\/\S*$/.exec(clean.slice(0, LONGEST_DETAIL));
  const end =
    begun === null ? LONGEST_DETAIL : begun.index + (/^\S*/.exec(clean.slice(begun.index))?.[0].length ?? 0);
  return clean.slice(0, end);
}
