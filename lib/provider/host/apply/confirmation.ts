import { groupBy } from "../../../shared/grouping";
import { rfc3339 } from "../../../shared/time/rfc3339";
import { HandshakeError } from "../../../shared/tls/handshake-error";
import { shortened } from "../../../shared/tls/leaf-wording";
import type { Endpoint } from "../../../shared/transport/connection-settings";
import { inSeconds } from "../../../shared/transport/timeouts";
import { type Transport, targetOnThisMachine } from "../../../shared/transport/transport";
import { SERVICE } from "../../messages/services";
import type { Problem } from "../desired/change";
import type { ServiceSettings } from "../desired/host-settings";
import { type Answered, type AskingTimeouts, askForCertificates, hasAnswered } from "../services/asking";
import { askEverywhere } from "../services/asking-everywhere";
import { cannotBeAsked, type Expectation, isTimeout, lookBy, type Outcome } from "../services/look";

/** A certificate that a service is expected to present, and what it stands for. */
export interface ExpectationOf<S> extends Expectation {
  readonly subject: S;
}

export interface Confirmations<S> {
  /** Those whose certificate was presented. */
  readonly confirmed: readonly S[];
  /** Those whose certificate was not presented, and why. */
  readonly refuted: ReadonlyMap<S, Problem>;
  /** Those that could not be confirmed or refuted everywhere, and why. */
  readonly open: ReadonlyMap<S, Problem>;
  /** Whether certificates had to be confirmed, but no endpoint listens. */
  readonly isDeaf: boolean;
}

/** The host of the service, and how its endpoints are reached. */
export interface AskedHost {
  readonly name: string;
  /** @default from this machine */
  readonly target?: Transport["target"];
  /** Whether every endpoint is asked, and not only one. @default false */
  readonly canary?: boolean;
  /** What becomes of the files if a certificate is not presented: a sentence for the message. */
  readonly consequence: string;
}

/** Performs a handshake for each expectation. Skips all of them if no endpoint listens. */
export async function confirm<S>(
  service: ServiceSettings,
  expectations: readonly ExpectationOf<S>[],
  timeouts: AskingTimeouts,
  { name: hostName, target = targetOnThisMachine, canary = false, consequence }: AskedHost,
): Promise<Confirmations<S>> {
  const look = lookBy(target);
  const answers = canary
    ? await askEverywhere(service, expectations, timeouts, look)
    : listOf(await askForCertificates(service.endpoints, expectations, timeouts, look));
  const isDeaf = answers.length === 0 && expectations.length > 0 && service.endpoints.length > 0;
  return { ...summary({ service, hostName, consequence }, answers), isDeaf };
}

function listOf<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}

/** The endpoint of the handshakes, and how long they were retried. */
interface Asked {
  readonly service: ServiceSettings;
  readonly hostName: string;
  readonly endpoint: Endpoint;
  readonly askedMs: number;
  readonly consequence: string;
}

/** A handshake in which the certificate was not presented. */
interface Refutation {
  readonly asked: Asked;
  readonly expected: Expectation;
  readonly outcome: Exclude<Outcome, "confirmed">;
}

/** @param answers those of each endpoint that was asked */
function summary<S>(
  of: Pick<Asked, "service" | "hostName" | "consequence">,
  answers: readonly Answered<ExpectationOf<S>>[],
): Omit<Confirmations<S>, "isDeaf"> {
  const confirmed = new Set<S>();
  const refutations: (Refutation & { readonly subject: S })[] = [];
  const open = new Map<S, Problem>();
  const isServing = answers.some(({ outcomes }) => [...outcomes.values()].includes("confirmed"));
  for (const { endpoint, askedMs, expectations, outcomes } of answers) {
    const asked = { ...of, endpoint, askedMs };
    const silence = hasAnswered(outcomes) ? undefined : [...outcomes.values()][0];
    for (const expected of expectations) {
      const { subject } = expected;
      const outcome = outcomes.get(expected) ?? silence;
      if (outcome === "confirmed") confirmed.add(subject);
      else if (outcome === undefined) open.set(subject, notReached(asked, expected));
      // A server that presents other certificates, but times out for this one, is overloaded: the certificate is not at fault.
      else if (cannotBeAsked(outcome) || (isServing && isTimeout(outcome)))
        open.set(subject, notAsked(asked, expected, outcome));
      else refutations.push({ subject, asked, expected, outcome });
    }
  }
  const refuted = new Map<S, Problem>();
  for (const [subject, [first, ...others]] of groupBy(refutations, (each) => each.subject)) {
    refuted.set(subject, notServed(first, others));
    confirmed.delete(subject);
    open.delete(subject);
  }
  return { confirmed: [...confirmed], refuted, open };
}

function notAsked(
  { service: { name }, hostName, endpoint: { address, port } }: Asked,
  expected: Expectation,
  { failure, message }: HandshakeError,
): Problem {
  const reason =
    failure === "forbidden"
      ? `its SSH server does not forward connections to ${address}:${port} (${message}): allow them by ` +
        "AllowTcpForwarding and PermitOpen in sshd_config, and by the options of the key in authorized_keys"
      : `on ${address}:${port} ${message}`;
  return notKnown(name, hostName, expected, reason);
}

function notReached(
  { service: { name }, hostName, endpoint: { address, port } }: Asked,
  expected: Expectation,
): Problem {
  const reason = `${address}:${port} answers too slowly. Check it by hand: the SNI table says which certificate it should present`;
  return notKnown(name, hostName, expected, reason);
}

function notKnown(name: string, hostName: string, expected: Expectation, reason: string): Problem {
  return {
    summary: SERVICE.notAsked(name, asker(expected)),
    detail: `Whether host "${hostName}" serves the new certificate is not known: ${reason}. The files are in place.`,
  };
}

/** @param others further handshakes in which the same certificate was not presented */
function notServed({ asked, expected, outcome }: Refutation, others: readonly Refutation[]): Problem {
  const { service, hostName, endpoint, askedMs, consequence } = asked;
  const { name } = service;
  return {
    summary: SERVICE.notServed(name, asker(expected)),
    detail:
      `The provider checked ${placeOf(endpoint)} on host "${hostName}" for ${Math.ceil(inSeconds(askedMs))} s: ` +
      `${instead(outcome)}. ${elsewhere(others)}${consequence} See the log of ${name} there for why it has not ` +
      "loaded the new certificate, and its configuration for what else sets a certificate for that name, address or port.",
  };
}

/** The maximum number of further handshakes that a message names. */
const SHOWN = 5;

function elsewhere(others: readonly Refutation[]): string {
  if (others.length === 0) return "";
  const shown = others
    .slice(0, SHOWN)
    .map(({ asked, expected }) => `${asker(expected)} on ${placeOf(asked.endpoint)}`);
  const more = others.length > SHOWN ? ` and in ${others.length - SHOWN} more handshakes` : "";
  return `Nor does it present the new certificate for ${shown.join(", ")}${more}. `;
}

function placeOf({ address, port }: Endpoint): string {
  return `${address}:${port}`;
}

function instead(outcome: Exclude<Outcome, "confirmed">): string {
  if (outcome === "refused") return "the server has stopped listening";
  if (outcome instanceof HandshakeError) return outcome.message;
  const { dnsNames, subject, notAfter } = outcome;
  const names = shortened(dnsNames.slice(0, 5).join(", ") || subject);
  // What a server presents may be anything, also a certificate without a valid date of expiry.
  const end = Number.isNaN(+notAfter) ? "" : ` that expires at ${rfc3339(notAfter)}`;
  return `the server presents a certificate of ${names}${end}`;
}

function asker({ serverName }: Expectation): string {
  return serverName ?? "clients without SNI";
}
