import type { Endpoint } from "../../../shared/transport/connection-settings";
import { cannotBeAsked, type Expectation, isTimeout, type Look, type Outcome } from "./look";

const PAUSE_MS = 100;
/** Enough to tell whether a connection is refused. */
const LOOK_MS = 1000;

/** An endpoint, and what the first look at it has shown. */
export interface ChosenEndpoint {
  readonly endpoint: Endpoint;
  readonly outcome: Outcome;
}

/**
 * The first endpoint that answers at once, or else later, or else that is there at all; none may be up yet.
 *
 * @param deadline by `performance.now()`: until then one may come up
 * @returns undefined where nothing listens
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
