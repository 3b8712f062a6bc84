import type { CertificateFacts } from "../../../shared/certificate-facts";
import { inspectCombinedPem } from "../../../shared/combined-pem";
import { rfc3339 } from "../../../shared/rfc3339";
import { presentedCertificate } from "../../../shared/tls/handshake";
import { HandshakeError } from "../../../shared/tls/handshake-error";
import type { Endpoint } from "../../../shared/transport/connection-settings";
import { inSeconds, type Timeouts } from "../../../shared/transport/timeouts";
import { type Transport, targetOnThisMachine } from "../../../shared/transport/transport";
import { SERVICE } from "../../messages/services";
import type { Problem } from "../desired/change";
import type { ServiceSettings } from "../desired/host-settings";
import type { Part } from "./work";

type ServiceTimeouts = Pick<Timeouts, "presentMs" | "listenMs">;

export interface Confirmations {
  /** Parts whose certificate was presented. */
  readonly confirmed: readonly Part[];
  /** Parts whose certificate was not, and why. */
  readonly refuted: ReadonlyMap<Part, Problem>;
  /** Parts about which nothing can be said. */
  readonly open: ReadonlyMap<Part, Problem>;
  /** There was something to ask, and nobody listens where it could be asked. */
  readonly isDeaf: boolean;
}

/** The host that the service is on, and how its endpoints are reached. */
export interface AskedHost {
  readonly name: string;
  /** @default from this machine */
  readonly target?: Transport["target"];
}

const PAUSE_MS = 100;
/** Enough to tell whether a connection is refused. */
const LOOK_MS = 1000;
/** Of the time that a service has: enough for one that greets late, so that nobody is blamed whose turn came late. */
const FIRST_LOOK_SHARE = 1 / 3;
/** Of the time that a service has: when no handshake at all has succeeded by then, it is taken to be broken. */
const BROKEN_SHARE = 1 / 3;
/** A server counts connections from one address. */
const MOST_AT_ONCE = 8;

/**
 * Asks the server for one name of each certificate, and compares what it presents. Parts without a certificate are
 * passed over, and so are all where nothing listens.
 */
export async function confirm(
  service: ServiceSettings,
  parts: readonly Part[],
  { presentMs, listenMs }: ServiceTimeouts,
  { name: hostName, target = targetOnThisMachine }: AskedHost,
): Promise<Confirmations> {
  const look = lookBy(target);
  const start = performance.now();
  const expectations = parts.flatMap((part) => expectation(part) ?? []);
  const [first, ...others] = expectations;
  const found = first && (await listening(service.endpoints, first, start + listenMs, look));
  if (!found) {
    const isDeaf = first !== undefined && service.endpoints.length > 0;
    return { confirmed: [], refuted: new Map(), open: new Map(), isDeaf };
  }
  const outcomes = new Map([[first, found.outcome]]);
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
  await Promise.all(Array.from({ length: MOST_AT_ONCE }, () => askInTurn(waiting, asking)));
  const askedMs = asking.isBroken() ? Math.min(performance.now() - start, presentMs) : presentMs;
  const asked = { service, hostName, endpoint: found.endpoint, askedMs };
  return summary(asked, expectations, outcomes);
}

interface Expectation {
  readonly part: Part;
  /** None for the certificate of clients that send no name. */
  readonly serverName: string | undefined;
  readonly fingerprint: string;
}

function expectation(part: Part): Expectation | undefined {
  const { role, names } = part.work.change;
  if (!part.pem || role === "base") return undefined;
  const serverName = role === "default" ? undefined : askedName(names, part.takenNames);
  if (role === null && serverName === undefined) return undefined;
  const inspection = inspectCombinedPem(part.pem.contents, { names: [], at: new Date() });
  if (!inspection.ok) return undefined;
  return { part, serverName, fingerprint: inspection.certificate.leaf.fingerprintSha256 };
}

/** The first name that shows what is presented; where others take all of them, one that they take. */
function askedName(names: readonly string[], taken: ReadonlySet<string>): string | undefined {
  const asked = names.filter((name) => !name.includes("*"));
  return asked.find((name) => !taken.has(name)) ?? asked[0];
}

type Outcome = "confirmed" | "refused" | HandshakeError | Presented;

type Presented = Pick<CertificateFacts, "subject" | "dnsNames" | "notAfter">;

/** The first endpoint that answers at once, or else later, or else that is there at all; none may be up yet. */
async function listening(
  endpoints: readonly Endpoint[],
  expected: Expectation,
  deadline: number,
  look: Look,
): Promise<{ endpoint: Endpoint; outcome: Outcome } | undefined> {
  for (;;) {
    const found: { endpoint: Endpoint; outcome: Outcome }[] = [];
    for (const endpoint of endpoints) {
      const outcome = await look(endpoint, expected, atLeast(LOOK_MS, deadline));
      if (outcome === "refused") continue;
      found.push({ endpoint, outcome });
      if (!cannotBeAsked(outcome) && !isTimeout(outcome)) return { endpoint, outcome };
    }
    if (found.length > 0) return found.find(({ outcome }) => isTimeout(outcome)) ?? found[0];
    if (endpoints.length === 0 || performance.now() + PAUSE_MS >= deadline) return undefined;
    await pause();
  }
}

interface Asking {
  readonly endpoint: Endpoint;
  readonly deadline: number;
  /** How long one takes at least, and when it begins at the latest with a server that answers. */
  readonly firstLook: { readonly durationMs: number; readonly deadline: number };
  /** Whether every handshake was failed by the server, for so long that more of them will not succeed either. */
  readonly isBroken: () => boolean;
  readonly look: Look;
  /** What was seen last of each. */
  readonly outcomes: Map<Expectation, Outcome>;
}

/**
 * A reload takes effect a moment after its command has ended. Whoever is not served yet goes behind the others, so that
 * those that never will be served take no time from those that are.
 */
async function askInTurn(
  waiting: Expectation[],
  { endpoint, deadline, firstLook, isBroken, look, outcomes }: Asking,
): Promise<void> {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const before = outcomes.get(next);
    if (!before && performance.now() > (answers(outcomes) ? firstLook.deadline : deadline)) continue;
    const until = before ? deadline : atLeast(firstLook.durationMs, deadline);
    const outcome = await look(endpoint, next, until);
    // That the last look was cut off by the deadline says less than what was seen before.
    if (!before || !isTimeout(outcome)) outcomes.set(next, outcome);
    if (isFinal(outcome)) continue;
    if (performance.now() + PAUSE_MS < deadline && !isBroken()) {
      waiting.push(next);
      await pause();
    }
  }
}

function atLeast(durationMs: number, deadline: number): number {
  return Math.max(deadline, performance.now() + durationMs);
}

/** One that hangs is not asked for one name after the other. */
function answers(outcomes: ReadonlyMap<Expectation, Outcome>): boolean {
  return [...outcomes.values()].some((outcome) => !isTimeout(outcome));
}

function isTimeout(outcome: Outcome): outcome is HandshakeError {
  return outcome instanceof HandshakeError && outcome.failure === "timeout";
}

/** Closed, or ended by an alert: a server that is merely slow does neither, and one that has not reloaded yet presents the old one. */
function isFailed(outcome: Outcome | undefined): boolean {
  return outcome instanceof HandshakeError && FAILED.has(outcome.failure);
}

const FAILED: ReadonlySet<string> = new Set(["alert", "closed", "protocol"]);

function isFinal(outcome: Outcome): boolean {
  return outcome === "confirmed" || cannotBeAsked(outcome);
}

type Look = (endpoint: Endpoint, expected: Expectation, deadline: number) => Promise<Outcome>;

function lookBy(target: Transport["target"]): Look {
  return async (endpoint, { serverName, fingerprint }, deadline) => {
    try {
      const { leaf } = await presentedCertificate({
        ...target(endpoint),
        protocol: endpoint.protocol,
        serverName,
        deadlineMs: Math.max(deadline - performance.now(), 1),
      });
      if (leaf.fingerprintSha256 === fingerprint) return "confirmed";
      return leaf;
    } catch (error) {
      if (!(error instanceof HandshakeError)) throw error;
      return error.failure === "refused" ? "refused" : error;
    }
  };
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}

/** Who was asked, and for how long. */
interface Asked {
  readonly service: ServiceSettings;
  readonly hostName: string;
  readonly endpoint: Endpoint;
  readonly askedMs: number;
}

function summary(
  asked: Asked,
  expectations: readonly Expectation[],
  outcomes: ReadonlyMap<Expectation, Outcome>,
): Confirmations {
  const confirmed: Part[] = [];
  const refuted = new Map<Part, Problem>();
  const open = new Map<Part, Problem>();
  const isServing = [...outcomes.values()].includes("confirmed");
  const silence = answers(outcomes) ? undefined : [...outcomes.values()][0];
  for (const expected of expectations) {
    const { part } = expected;
    const outcome = outcomes.get(expected) ?? silence;
    if (outcome === "confirmed") confirmed.push(part);
    else if (outcome === undefined) open.set(part, notReached(asked, expected));
    // No certificate makes a server silent that presents others: it has too much to do.
    else if (cannotBeAsked(outcome) || (isServing && isTimeout(outcome)))
      open.set(part, notAsked(asked, expected, outcome));
    else refuted.set(part, notServed(asked, expected, outcome));
  }
  return { confirmed, refuted, open, isDeaf: false };
}

/** Nothing is wrong with the certificate, as far as can be seen from here. */
function cannotBeAsked(outcome: Outcome): outcome is HandshakeError {
  return (
    outcome instanceof HandshakeError &&
    (outcome.failure === "starttls-not-offered" || outcome.failure === "forbidden")
  );
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

function notServed(
  { service: { name }, hostName, endpoint: { address, port }, askedMs }: Asked,
  expected: Expectation,
  outcome: Exclude<Outcome, "confirmed">,
): Problem {
  return {
    summary: SERVICE.notServed(name, asker(expected)),
    detail:
      `On host "${hostName}" it was asked on ${address}:${port} for ${Math.ceil(inSeconds(askedMs))} s: ${instead(outcome)}. The previous ` +
      `files were restored. See the log of ${name} there for why it has not loaded the new one, and its ` +
      "configuration for what else sets a certificate for that name, address or port.",
  };
}

function instead(outcome: Exclude<Outcome, "confirmed">): string {
  if (outcome === "refused") return "it has stopped listening";
  if (outcome instanceof HandshakeError) return outcome.message;
  const { dnsNames, subject, notAfter } = outcome;
  return `it presents a certificate of ${dnsNames.slice(0, 5).join(", ") || subject} that ends at ${rfc3339(notAfter)}`;
}

function asker({ serverName }: Expectation): string {
  return serverName ?? "clients without SNI";
}
