import type { Endpoint } from "../../../shared/transport/connection-settings";
import { type Answered, type AskingTimeouts, askForCertificates, MOST_AT_ONCE } from "./asking";
import { chooseEndpoint } from "./endpoint-choice";
import type { Expectation, Look } from "./look";

/** The endpoints of a service. */
export interface Endpoints {
  readonly endpoints: readonly Endpoint[];
  /** Where all clients get the default certificate. */
  readonly endpointsWithoutSni?: readonly Endpoint[];
}

/**
 * Performs handshakes for all certificates at all endpoints that listen, in the same time as for one endpoint: the endpoints
 * share the connections. At an endpoint without SNI the default certificate alone is expected.
 *
 * @returns nothing for endpoints that do not listen
 */
export async function askEverywhere<E extends Expectation>(
  { endpoints, endpointsWithoutSni = [] }: Endpoints,
  expectations: readonly E[],
  { presentMs, listenMs }: AskingTimeouts,
  look: Look,
): Promise<readonly Answered<E>[]> {
  const defaults = expectations.filter(({ serverName }) => serverName === undefined);
  const places = [
    ...endpoints.map((endpoint) => ({ endpoint, expected: expectations })),
    ...endpointsWithoutSni.map((endpoint) => ({ endpoint, expected: defaults })),
  ].filter(({ expected }) => expected.length > 0);
  const waitedMs = await untilOneListens(
    places.map(({ endpoint }) => endpoint),
    expectations,
    listenMs,
    look,
  );
  if (waitedMs === undefined) return [];
  // The others get as long again: a server that was restarted opens its ports one after the other.
  const timeouts = { presentMs, listenMs: waitedMs };
  const atOnce = Math.max(Math.floor(MOST_AT_ONCE / places.length), 1);
  const answers = await Promise.all(
    places.map(({ endpoint, expected }) => askForCertificates([endpoint], expected, timeouts, look, atOnce)),
  );
  return answers.filter((answered) => answered !== undefined);
}

/** @returns how long it took; undefined if none does in time */
async function untilOneListens(
  endpoints: readonly Endpoint[],
  [first]: readonly Expectation[],
  listenMs: number,
  look: Look,
): Promise<number | undefined> {
  const start = performance.now();
  const found = first && (await chooseEndpoint(endpoints, first, start + listenMs, look));
  return found && performance.now() - start;
}
