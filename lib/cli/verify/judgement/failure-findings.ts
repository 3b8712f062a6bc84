import type { HandshakeError, HandshakeFailure } from "../../../shared/tls/handshake-error";
import type { Outcome } from "../../../shared/tls/schedule";
import type { Question } from "../questions/question";
import { type Finding, type FindingCode, finding } from "./finding";

/** An outcome with the error of a handshake. */
export type FailedOutcome = Extract<Outcome, { readonly error: HandshakeError }>;
type Failure = Exclude<Outcome, { readonly kind: "presented" }>;

/** The findings about a question for which no certificate was presented. */
export function failureFindings(question: Question, outcome: Failure): Finding[] {
  if (outcome.kind === "no-address") return [noAddress(question)];
  const { error } = outcome;
  const { asked, expected } = question;
  if (expected.isRefused && error.failure === "alert") return [];
  if (asked.kind === "version" && error.phase === "handshake" && error.failure !== "timeout") {
    return [withoutVersion(asked.version)];
  }
  const [code, remedy] = meaningOf(error);
  const isFree = expected.answer === "not-needed" && error.failure === "refused";
  const notAsked = outcome.kind === "not-asked" ? "Not asked, since earlier connections there failed: " : "";
  const problem = `${notAsked}${error.message}.`;
  return [finding(isFree ? "note" : "error", code, capitalized(problem), remedy)];
}

/** The finding about an optional port at which nothing serves TLS, while other ports of the service do. */
export function unusedPort({ endpoint }: Question, { error }: FailedOutcome): Finding {
  return finding(
    "note",
    "VERIFY_PORT_UNUSED",
    `${capitalized(error.message)}. That is no error, because the port is optional and others of ${endpoint.service ?? "the service"} answer.`,
    "If clients use this port, start its service. List the ports that are in use as the service's `endpoints`: then a closed one is an error, and no other is asked.",
  );
}

/** A version of TLS that a server may lack: TLS 1.2 alone is enough, and so is TLS 1.3 for current clients. */
function withoutVersion(version: "TLSv1.2" | "TLSv1.3"): Finding {
  return version === "TLSv1.3"
    ? finding(
        "note",
        "VERIFY_TLS_VERSION",
        "The server does not speak TLS 1.3.",
        "No action is needed: clients use TLS 1.2 instead.",
      )
    : finding(
        "note",
        "VERIFY_TLS_VERSION",
        "The server does not speak TLS 1.2.",
        "Allow TLS 1.2 if older clients connect.",
      );
}

function noAddress({ asked, expected }: Question): Finding {
  return finding(
    expected.covers === "optional" ? "note" : "error",
    "VERIFY_NO_ADDRESS",
    `No address of ${"name" in asked ? asked.serverName : "the host"} was found in DNS.`,
    "Add a record for it, or set the server's address with --connect ADDRESS.",
  );
}

function meaningOf(error: HandshakeError): [code: FindingCode, remedy: string] {
  const cause = error.cause as NodeJS.ErrnoException | undefined;
  if (error.failure === "protocol" && NOT_TLS.has(cause?.code ?? "")) return NOT_TLS_MEANING;
  if (error.failure === "timeout" && error.phase === "greeting") return SLOW_MEANING;
  return MEANINGS[error.failure];
}

const NOT_TLS: ReadonlySet<string> = new Set([
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_SSL_PACKET_LENGTH_TOO_LONG",
]);
const NOT_TLS_MEANING: [FindingCode, string] = [
  "VERIFY_NOT_TLS",
  "Check that the port and its protocol belong together: 143, 110, 25 and 587 begin in clear, 993, 995 and 465 with TLS.",
];
const SLOW_MEANING: [FindingCode, string] = [
  "VERIFY_NO_ANSWER",
  "Wait longer with --timeout if the server delays its greeting on purpose.",
];

const MEANINGS: Readonly<Record<HandshakeFailure, [code: FindingCode, remedy: string]>> = {
  refused: [
    "VERIFY_NO_ANSWER",
    "Start the server, or check the port and the firewall. If nothing is to listen there, leave the port out of the service's `endpoints`.",
  ],
  unreachable: ["VERIFY_NO_ANSWER", "Check the address, the network and the firewall."],
  forbidden: ["VERIFY_NO_ANSWER", "Allow TCP forwarding on the host in between."],
  timeout: ["VERIFY_NO_ANSWER", "Check that the server runs and is not overloaded, and the firewall."],
  closed: [
    "VERIFY_NO_ANSWER",
    "Check the server's log: it may limit connections per address, or may have banned this machine.",
  ],
  "starttls-not-offered": [
    "VERIFY_NO_STARTTLS",
    "Give the server a certificate and allow STARTTLS; without one qmail and Dovecot do not offer it.",
  ],
  alert: [
    "VERIFY_ALERT",
    "Check the server's log: it cannot load the certificate or key for this name, or its TLS settings exclude this client.",
  ],
  protocol: [
    "VERIFY_PROTOCOL",
    "Check that the port and its protocol belong together, and the server's log.",
  ],
};

function capitalized(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
