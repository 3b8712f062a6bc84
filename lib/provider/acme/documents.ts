import { isCertificate } from "../../shared/parsed-pems";
import { parsePem } from "../../shared/pem";
import { Answer, isHttpUrl, MalformedAnswer } from "./answer";
import type { HttpsReply } from "./https";

// All documents of a CA are parsed here, error documents in `problem.ts`. What these functions return
// conforms to RFC 8555 and is bounded.

/** The URLs of a CA's services (RFC 8555 §7.1.1, RFC 9773 §4.1). */
export interface DirectoryDocument {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
  readonly revokeCert?: string;
  /** Absent where the CA has no renewal information. */
  readonly renewalInfo?: string;
}

export interface AccountDocument {
  readonly status: "valid" | "deactivated" | "revoked";
  /** Absent if the CA stores none. */
  readonly contact?: readonly string[];
}

export type OrderDocument = {
  /** Where to finalise it. */
  readonly finalize: string;
  readonly authorizations: readonly string[];
  /** Whatever the CA says is wrong. */
  readonly error: unknown;
} & (
  | { readonly status: "pending" | "ready" | "processing" | "invalid" }
  | { readonly status: "valid"; readonly certificate: string }
);

export interface AuthorizationDocument {
  readonly status: "pending" | "valid" | "invalid" | "deactivated" | "expired" | "revoked";
  /** One of the names that were ordered, without the `*.` of a wildcard. */
  readonly name: string;
  readonly challenges: readonly ChallengeDocument[];
}

export interface ChallengeDocument {
  readonly type: string;
  readonly url: string;
  /** Absent where the type has none. */
  readonly token?: string;
  /** Whether the CA was asked to validate it, and has not finished (RFC 8555 §7.1.6). */
  readonly isProcessing: boolean;
  /** Whatever the CA says is wrong. */
  readonly error: unknown;
}

/** When a CA wants a certificate to be renewed (RFC 9773 §4.2). */
export interface RenewalWindow {
  readonly start: Date;
  readonly end: Date;
  /** Where the CA says why; null if it does not. */
  readonly explanationUrl: string | null;
}

type Body = Pick<HttpsReply, "body">;

const MOST_CHALLENGES = 20;
const MOST_CERTIFICATES = 10;
const MOST_ALTERNATES = 10;
const LONGEST_NONCE = 500;

/** @throws {MalformedAnswer} */
export function parseDirectory(url: string, { body }: Body): DirectoryDocument {
  const answer = Answer.parse(url, body);
  const [revokeCert, renewalInfo] = ["revokeCert", "renewalInfo"].map((name) => answer.optionalHttpUrl(name));
  return {
    newNonce: answer.httpUrl("newNonce"),
    newAccount: answer.httpUrl("newAccount"),
    newOrder: answer.httpUrl("newOrder"),
    ...(revokeCert !== undefined && { revokeCert }),
    ...(renewalInfo !== undefined && { renewalInfo }),
  };
}

/** Undefined if there is no valid one: invalid values must be ignored (RFC 8555 §6.5.1). */
export function parseNonce({ headers }: Pick<HttpsReply, "headers">): string | undefined {
  const nonce = headers["replay-nonce"];
  const isNonce =
    typeof nonce === "string" && nonce.length <= LONGEST_NONCE && /^[A-Za-z0-9_-]+$/.test(nonce);
  return isNonce ? nonce : undefined;
}

/** When the CA sent an answer, by its clock (RFC 9110 §6.6.1); undefined if it does not say. */
export function parseDate({ headers }: Pick<HttpsReply, "headers">): Date | undefined {
  const date = new Date(headers.date ?? "");
  return date.getUTCFullYear() >= 0 && date.getUTCFullYear() < 10_000 ? date : undefined;
}

/** The URL of the object that the CA has created. @throws {MalformedAnswer} */
export function parseLocation(url: string, { headers }: Pick<HttpsReply, "headers">): string {
  if (isHttpUrl(headers.location)) return headers.location;
  throw new MalformedAnswer(url, "it does not say where what it made is (Location)");
}

/** @throws {MalformedAnswer} */
export function parseAccount(url: string, { body }: Body): AccountDocument {
  const answer = Answer.parse(url, body);
  const contact = answer.any("contact");
  const isList = Array.isArray(contact) && contact.every((each) => typeof each === "string");
  return {
    status: answer.oneOf("status", ["valid", "deactivated", "revoked"]),
    ...(isList && { contact }),
  };
}

/**
 * @param count the number of ordered names; an order has at most one authorisation for each
 * @throws {MalformedAnswer}
 */
export function parseOrder(url: string, { body }: Body, count: number): OrderDocument {
  const answer = Answer.parse(url, body);
  const status = answer.oneOf("status", ["pending", "ready", "processing", "valid", "invalid"]);
  const common = {
    finalize: answer.httpUrl("finalize"),
    authorizations: answer.httpUrls("authorizations", count),
    error: answer.any("error"),
  };
  return status === "valid"
    ? { status, ...common, certificate: answer.httpUrl("certificate") }
    : { status, ...common };
}

/**
 * @param names the ordered names. An authorisation's name is passed to programs and used in paths, so it must
 *   be one of them.
 * @throws {MalformedAnswer}
 */
export function parseAuthorization(
  url: string,
  { body }: Body,
  names: readonly string[],
): AuthorizationDocument {
  const answer = Answer.parse(url, body);
  const identifier = answer.object("identifier");
  const value = identifier.text("value");
  const name = names.map((each) => each.replace(/^\*\./, "")).find((each) => each === value.toLowerCase());
  if (identifier.any("type") !== "dns" || name === undefined) {
    throw new MalformedAnswer(
      url,
      `it is about ${JSON.stringify(value.slice(0, 100))}, which was not ordered`,
    );
  }
  return {
    status: answer.oneOf("status", ["pending", "valid", "invalid", "deactivated", "expired", "revoked"]),
    name,
    challenges: answer.objects("challenges", MOST_CHALLENGES).map(parseChallenge),
  };
}

function parseChallenge(answer: Answer): ChallengeDocument {
  const token = answer.any("token");
  // The token becomes a file name.
  if (token !== undefined && !(typeof token === "string" && /^[A-Za-z0-9_-]{16,200}$/.test(token))) {
    throw new MalformedAnswer(answer.url, "the token of a challenge is not one");
  }
  return {
    type: answer.text("type"),
    url: answer.httpUrl("url"),
    ...(token !== undefined && { token }),
    isProcessing: answer.any("status") === "processing",
    error: answer.any("error"),
  };
}

/**
 * The leaf and its chain, as PEM without text between the blocks. Does not verify that they belong together.
 *
 * @throws {MalformedAnswer}
 */
export function parseChain(url: string, { body }: Body): string {
  const { blocks, problems } = parsePem(body);
  const problem = problems.find(({ code }) => code !== "PEM_NO_FINAL_NEWLINE");
  if (problem !== undefined)
    throw new MalformedAnswer(url, `it is not a chain of certificates (${problem.code})`);
  if (blocks.length > MOST_CERTIFICATES) {
    throw new MalformedAnswer(
      url,
      `it has ${blocks.length} certificates, and at most ${MOST_CERTIFICATES} are taken`,
    );
  }
  for (const [index, { label, text }] of blocks.entries()) {
    if (label !== "CERTIFICATE" || !isCertificate(text)) {
      throw new MalformedAnswer(
        url,
        `block ${index + 1} of ${blocks.length} is not a certificate that can be read`,
      );
    }
  }
  return blocks.map(({ text }) => text).join("");
}

/** The targets of `<URL>;rel="alternate"` (RFC 8555 §7.4.2) that are valid URLs. */
export function parseAlternates({ headers }: Pick<HttpsReply, "headers">): readonly string[] {
  const text = [headers.link ?? []].flat().join(", ");
  return [...text.matchAll(/<([^<>]*)>\s*;\s*rel="?alternate"?/g)]
    .map(([, url]) => url)
    .filter(isHttpUrl)
    .slice(0, MOST_ALTERNATES);
}

/** @throws {MalformedAnswer} */
export function parseRenewalWindow(url: string, { body }: Body): RenewalWindow {
  const answer = Answer.parse(url, body);
  const window = answer.object("suggestedWindow");
  const [start, end] = ["start", "end"].map((name) => new Date(window.text(name))) as [Date, Date];
  const explanation = answer.any("explanationURL");
  const explanationUrl = isHttpUrl(explanation) ? explanation : null;
  if (start < end && start.getUTCFullYear() >= 0 && end.getUTCFullYear() < 10_000)
    return { start, end, explanationUrl };
  throw new MalformedAnswer(url, "its window has no start before its end");
}

/**
 * The value of `Retry-After` in milliseconds (RFC 9110 §10.2.3); undefined if it is absent, invalid or more
 * than a year.
 */
export function parseRetryAfter(
  { headers }: Pick<HttpsReply, "headers">,
  now = Date.now(),
): number | undefined {
  const header = headers["retry-after"] ?? "";
  const wait = /^\d+$/.test(header) ? Number(header) * 1000 : Math.max(0, Date.parse(header) - now);
  return wait <= LONGEST_WAIT_MS ? wait : undefined;
}

const LONGEST_WAIT_MS = 366 * 86_400_000;
