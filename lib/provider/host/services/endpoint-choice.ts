import type { Endpoint } from "../../../shared/transport/connection-settings";
import { cannotBeAsked, type Expectation, isTimeout, type Look, type Outcome } from "./look";

const PAUSE_MS = 100;
/** Long enough to find out whether a connection is refused. */
const LOOK_MS = 1000;

/** An endpoint, and the outcome of the first handshake with it. */
export interface ChosenEndpoint {
  readonly endpoint: Endpoint;
  readonly outcome: Outcome;
}

/**
 * The first endpoint that answers at once; otherwise one that answers later; otherwise one that accepts
 * connections.
 *
 * @param deadline by `performance.now()`: until then an endpoint may start to listen
 * @returns undefined if nothing listens
 */
export async function chooseEndpoint(
  endpoints: readonly Endpoint[],
  expected: Expectation,
  deadline: number,
  look: Look,
): Promise<ChosenEndpoint | undefined> {
  for (;;) {
    const found: ChosenEndpoint[] = [];
    for (const endpoint of endpoints) {
      const outcome = await look(endpoint, expected, Math.max(deadline, performance.now() + LOOK_MS));
      if (outcome === "refused") continue;
      found.push({ endpoint, outcome });
      if (!cannotBeAsked(outcome) && !isTimeout(outcome)) return { endpoint, outcome };
    }
    if (found.length > 0) return found.find(({ outcome }) => isTimeout(outcome)) ?? found[0];
    if (endpoints.length === 0 || performance.now() + PAUSE_MS >= deadline) return undefined;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
