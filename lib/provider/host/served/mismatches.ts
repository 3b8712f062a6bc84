import type { X509Certificate } from "node:crypto";
import { fingerprintOf } from "../../../shared/certificate-facts";
import { groupBy } from "../../../shared/grouping";
import { printableLine } from "../../../shared/text/printable";
import { rfc3339 } from "../../../shared/time/rfc3339";
import type { HandshakeError } from "../../../shared/tls/handshake-error";
import { issuerOf, leafTitle, shortFingerprint, subjectOf } from "../../../shared/tls/leaf-wording";
import type { Answered } from "../../../shared/tls/schedule";
import { isRight } from "./asking";
import type { ServedQuestion } from "./questions";

/** Names for which a service does not serve the installed certificate, or ports at which it serves none. */
export interface Mismatch {
  /** The names that were sent; none for clients without SNI, and for ports that do not answer. */
  readonly names: readonly string[];
  readonly service: string;
  /** The ports at which that is so for each of the names. */
  readonly ports: readonly number[];
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

/**
 * One for all names of a certificate that are served the same at the same ports, one for each port that does not answer. The
 * answers do not arrive in the order of the questions, so everything is sorted.
 */
export function mismatchesIn(answered: readonly Answer[]): Mismatch[] {
  const services = groupBy(answered, ({ question }) => question.service).values();
  return [...services].flatMap(ofService).sort(byPlace);
}

/** Why the SSH server forwards no connection to any endpoint; undefined if it forwards one. */
export function forwardingRefusal(answered: readonly Answer[]): HandshakeError | undefined {
  const errors = answered.map(errorOf);
  return errors.every((error) => error?.failure === "forbidden") ? errors[0] : undefined;
}

/** A service need not listen at all the endpoints that it may have, but at one of them. */
function ofService(answered: Answers): Mismatch[] {
  const endpoints = [...groupBy(answered, ({ question }) => question.endpoint).values()];
  const open = endpoints.filter((answers) => !answers.every(isClosed));
  if (open.length === 0) return [closed(answered)];
  const wrong = open.flat().filter((answer) => isAnswered(answer) && !isRight(answer));
  const unanswered = open.flatMap((answers) => silent(answers.filter((answer) => !isAnswered(answer))));
  return [...wrongCertificates(wrong), ...unanswered];
}

function wrongCertificates(answers: readonly Answer[]): Mismatch[] {
  const ofNames = [...groupBy(answers, (one) => keyOf(one, one.question.serverName ?? null)).values()];
  const alike = groupBy(ofNames, (one) => keyOf(one[0], portsOf(one)));
  return [...alike.values()].map(wrongCertificate);
}

/** A key that is the same for answers that say the same, as far as `more` is equal, too. */
function keyOf({ question: { serverName, fingerprint }, outcome }: Answer, more: unknown): string {
  const served =
    outcome.kind === "presented" ? fingerprintOf(outcome.presentation.certificates[0]) : outcome.kind;
  const message = "error" in outcome ? outcome.error.message : null;
  return JSON.stringify([serverName === undefined, fingerprint, served, message, more]);
}

/** @param alike the answers for each of the names */
function wrongCertificate(alike: readonly [Answers, ...Answers[]]): Mismatch {
  const [answer] = alike[0];
  const { service, fingerprint } = answer.question;
  const [names, ports] = [alike.flatMap(([one]) => one.question.serverName ?? []).sort(), portsOf(alike[0])];
  const begin = `${whoAsks(names)}, ${whereAsked(service, ports)}:`;
  const right = `the one that is installed (SHA-256 ${shortFingerprint(fingerprint)})`;
  const place = { names, service, ports };
  if (answer.outcome.kind !== "presented") {
    const message = `${begin} no certificate is served instead of ${right}: ${errorOf(answer)?.message ?? ""}.`;
    return { ...place, message: printableLine(message), served: null };
  }
  const [leaf] = answer.outcome.presentation.certificates;
  const served = servedLeaf(leaf);
  const until = served.notAfter === null ? "" : `, valid until ${served.notAfter}`;
  const message = `${begin} ${leafTitle(leaf)} of ${served.issuer}${until}, is served instead of ${right}.`;
  return { ...place, message: printableLine(message), served };
}

function closed(answers: Answers): Mismatch {
  const [{ question }] = answers;
  const ports = portsOf(answers);
  const refusal = forwardingRefusal(answers);
  const reason =
    refusal === undefined
      ? `no certificate is served, because no port accepts TLS (${ports.join(", ")})`
      : `it was not asked, because the SSH server does not forward connections to its ports (${ports.join(", ")}): ${refusal.message}`;
  const message = printableLine(`${question.service}: ${reason}.`);
  return { names: [], service: question.service, ports, message, served: null };
}

function silent(answers: readonly Answer[]): Mismatch[] {
  const [answer] = answers;
  if (answer === undefined) return [];
  const { service, endpoint } = answer.question;
  const ports = [endpoint.port];
  const reason = errorOf(answer)?.message ?? "";
  const message = `${whereAsked(service, ports)}: no certificate is served for ${answers.length} of the names: ${reason}.`;
  return [{ names: [], service, ports, message: printableLine(message), served: null }];
}

const SHOWN_NAMES = 6;

function whoAsks(names: readonly string[]): string {
  if (names.length === 0) return "Clients without SNI";
  const more = names.length > SHOWN_NAMES ? ` and ${names.length - SHOWN_NAMES} more names` : "";
  return `${names.slice(0, SHOWN_NAMES).join(", ")}${more}`;
}

function whereAsked(service: string, ports: readonly number[]): string {
  return `${ports.length === 1 ? "port" : "ports"} ${ports.join(", ")} (${service})`;
}

function portsOf(answers: Answers): number[] {
  const ports = new Set(answers.map(({ question }) => question.endpoint.port));
  return [...ports].sort((one, other) => one - other);
}

function byPlace(one: Mismatch, other: Mismatch): number {
  return sortKey(one) < sortKey(other) ? -1 : 1;
}

function sortKey({ service, names, message }: Mismatch): string {
  return JSON.stringify([service, names[0] ?? "", message]);
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
