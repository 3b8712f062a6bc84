import type { Endpoint } from "../../../shared/transport/connection-settings";
import type { Timeouts } from "../../../shared/transport/timeouts";
import { chooseEndpoint } from "./endpoint-choice";
import { type Expectation, isFailed, isFinal, isTimeout, type Look, type Outcome } from "./look";

export type AskingTimeouts = Pick<Timeouts, "presentMs" | "listenMs">;

/** The results of handshakes with a server for several certificates. */
export interface Answered<E extends Expectation> {
  readonly endpoint: Endpoint;
  /** What was asked for. */
  readonly expectations: readonly E[];
  /** The last outcome for each certificate; those that there was no time for are missing. */
  readonly outcomes: ReadonlyMap<E, Outcome>;
  /** How long the server was asked. */
  readonly askedMs: number;
}

const PAUSE_MS = 100;
/**
 * The share of a service's time for a first handshake: enough for a server that greets late, so that no
 * certificate fails only because it was asked for last.
 */
const FIRST_LOOK_SHARE = 1 / 3;
/** The share of a service's time after which it counts as broken if no handshake has succeeded. */
const BROKEN_SHARE = 1 / 3;
/** Servers limit connections from one address. */
export const MOST_AT_ONCE = 8;

/**
 * Performs handshakes for certificates, each until it is presented or the time is up.
 *
 * @param atOnce the maximum number of connections at a time
 * @returns undefined if there is no certificate to check, or no endpoint listens
 */
export async function askForCertificates<E extends Expectation>(
  endpoints: readonly Endpoint[],
  expectations: readonly E[],
  { presentMs, listenMs }: AskingTimeouts,
  look: Look,
  atOnce = MOST_AT_ONCE,
): Promise<Answered<E> | undefined> {
  const start = performance.now();
  const [first, ...others] = expectations;
  const found = first && (await chooseEndpoint(endpoints, first, start + listenMs, look));
  if (!found) return undefined;
  const outcomes = new Map<E, Outcome>([[first, found.outcome]]);
  const waiting = isFinal(found.outcome) ? others : [...others, first];
  const asking = {
    endpoint: found.endpoint,
    deadline: start + presentMs,
    firstLook: { durationMs: presentMs * FIRST_LOOK_SHARE, deadline: start + 2 * presentMs },
    isBroken: () =>
      performance.now() > start + presentMs * BROKEN_SHARE &&
      expectations.every((expected) => isFailed(outcomes.get(expected))),
    look,
    outcomes,
  };
  await Promise.all(Array.from({ length: atOnce }, () => askInTurn(waiting, asking)));
  const askedMs = asking.isBroken() ? Math.min(performance.now() - start, presentMs) : presentMs;
  return { endpoint: found.endpoint, expectations, outcomes, askedMs };
}

/** Whether the server has answered at all: one that hangs is not asked for every name in turn. */
export function hasAnswered(outcomes: ReadonlyMap<Expectation, Outcome>): boolean {
  return [...outcomes.values()].some((outcome) => !isTimeout(outcome));
}

interface Asking<E extends Expectation> {
  readonly endpoint: Endpoint;
  readonly deadline: number;
  /** How long a first handshake may take at least, and until when one may begin at a server that answers. */
  readonly firstLook: { readonly durationMs: number; readonly deadline: number };
  /** Whether the server has failed every handshake for so long that further ones are pointless. */
  readonly isBroken: () => boolean;
  readonly look: Look;
  /** The last outcome for each certificate. */
  readonly outcomes: Map<E, Outcome>;
}

/**
 * Asks for one certificate after the other. A reload takes effect a moment after its command has ended, so
 * names that are not served yet are asked for again, after all others: names that are never served then take
 * no time from the rest.
 */
async function askInTurn<E extends Expectation>(
  waiting: E[],
  { endpoint, deadline, firstLook, isBroken, look, outcomes }: Asking<E>,
): Promise<void> {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const before = outcomes.get(next);
    if (!before && performance.now() > (hasAnswered(outcomes) ? firstLook.deadline : deadline)) continue;
    const until = before ? deadline : Math.max(deadline, performance.now() + firstLook.durationMs);
    const outcome = await look(endpoint, next, until);
    // A handshake that the deadline cut off says less than the previous outcome.
    if (!before || !isTimeout(outcome)) outcomes.set(next, outcome);
    if (isFinal(outcome)) continue;
    if (performance.now() + PAUSE_MS < deadline && !isBroken()) {
      waiting.push(next);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
