import type { X509Certificate } from "node:crypto";
import { groupBy } from "../../../shared/grouping";
import { printableLine } from "../../../shared/printable";
import { rfc3339 } from "../../../shared/time/rfc3339";
import type { HandshakeError } from "../../../shared/tls/handshake-error";
import {
  fingerprintOf,
  issuerOf,
  leafTitle,
  shortFingerprint,
  subjectOf,
} from "../../../shared/tls/leaf-wording";
import type { Answered } from "../../../shared/tls/schedule";
import { isRight } from "./asking";
import type { ServedQuestion } from "./questions";

/** A name for which a host does not serve the installed certificate, or an endpoint that serves none. */
export interface Mismatch {
  /** The name that was sent; null for none, and for an endpoint that does not answer. */
  readonly name: string | null;
  readonly service: string;
  readonly port: number;
  /** One line, for a warning: what is served, and what should be. */
  readonly message: string;
  /** The leaf that is served instead; null if there is none. */
  readonly served: ServedLeaf | null;
}

export interface ServedLeaf {
  /** SHA-256: lower-case hex. */
  readonly fingerprint: string;
  readonly subject: string;
  readonly issuer: string;
  /** RFC 3339; null if it is not a date. */
  readonly notAfter: string | null;
}

type Answer = Answered<ServedQuestion>;
type Answers = readonly [Answer, ...Answer[]];

/** A mismatch for each name at each endpoint, and one for each endpoint that does not answer. */
export function mismatchesIn(answered: readonly Answer[]): Mismatch[] {
  return [...groupBy(answered, ({ question }) => question.service).values()].flatMap(ofService);
}

/** Whether no endpoint could be asked because the SSH server does not forward connections. */
export function forwardingRefusal(answered: readonly Answer[]): HandshakeError | undefined {
  const errors = answered.map(errorOf);
  return errors.every((error) => error?.failure === "forbidden") ? errors[0] : undefined;
}

/** A service need not listen at all the endpoints that it may have, but at one of them. */
function ofService(answered: Answers): Mismatch[] {
  const endpoints = [...groupBy(answered, ({ question }) => question.endpoint).values()];
  const open = endpoints.filter((answers) => !answers.every(isClosed));
  if (open.length > 0) return open.flatMap(ofEndpoint);
  const ports = endpoints.map(([{ question }]) => question.endpoint.port).sort((one, other) => one - other);
  const { question } = answered[0];
  const message = `${question.service}: no certificate is served, because no port accepts TLS (${ports.join(", ")}).`;
  return [{ ...placeOf(question), name: null, message, served: null }];
}

function ofEndpoint(answers: Answers): Mismatch[] {
  const unanswered = answers.filter((answer) => !isAnswered(answer));
  return [
    ...answers.filter((answer) => isAnswered(answer) && !isRight(answer)).map(ofName),
    ...unanswered.slice(0, 1).map((answer) => silent(answer, unanswered.length)),
  ];
}

function ofName(answer: Answer): Mismatch {
  const { question, outcome } = answer;
  const { serverName, fingerprint } = question;
  const begin = `${whoAsks(question)}, ${portOf(question)}:`;
  const right = `the one that is installed (SHA-256 ${shortFingerprint(fingerprint)})`;
  if (outcome.kind !== "presented") {
    const message = `${begin} no certificate is served instead of ${right}: ${errorOf(answer)?.message ?? ""}.`;
    return {
      ...placeOf(question),
      name: serverName ?? null,
      message: printableLine(message),
      served: null,
    };
  }
  const [leaf] = outcome.presentation.certificates;
  const served = servedLeaf(leaf);
  const until = served.notAfter === null ? "" : `, valid until ${served.notAfter}`;
  const message = `${begin} ${leafTitle(leaf)} of ${served.issuer}${until}, is served instead of ${right}.`;
  return { ...placeOf(question), name: serverName ?? null, message: printableLine(message), served };
}

function silent(answer: Answer, names: number): Mismatch {
  const { question } = answer;
  const message = `${portOf(question)}: no certificate is served for ${names} of the names: ${errorOf(answer)?.message ?? ""}.`;
  return { ...placeOf(question), name: null, message: printableLine(message), served: null };
}

function placeOf({ service, endpoint: { port } }: ServedQuestion): Pick<Mismatch, "service" | "port"> {
  return { service, port };
}

function whoAsks({ serverName }: ServedQuestion): string {
  return serverName ?? "Clients without SNI";
}

function portOf({ service, endpoint: { port, protocol } }: ServedQuestion): string {
  return `port ${port} (${service}, ${protocol})`;
}

function servedLeaf(leaf: X509Certificate): ServedLeaf {
  const notAfter = new Date(leaf.validTo);
  return {
    fingerprint: fingerprintOf(leaf),
    subject: subjectOf(leaf),
    issuer: issuerOf(leaf),
    notAfter: Number.isNaN(+notAfter) ? null : rfc3339(notAfter),
  };
}

function errorOf({ outcome }: Answer): HandshakeError | undefined {
  return "error" in outcome ? outcome.error : undefined;
}

/** Whether nothing there offers TLS, which may be on purpose. */
function isClosed(answer: Answer): boolean {
  const failure = errorOf(answer)?.failure;
  return failure === "refused" || failure === "starttls-not-offered" || failure === "forbidden";
}

/** Whether the server reacted to the name. All other failures are those of the endpoint. */
function isAnswered(answer: Answer): boolean {
  const failure = errorOf(answer)?.failure;
  return failure === undefined || failure === "alert" || failure === "protocol";
}
