import { inspectCombinedPem } from "../../../shared/combined-pem";
import { rfc3339 } from "../../../shared/time/rfc3339";
import { HandshakeError } from "../../../shared/tls/handshake-error";
import { shortened } from "../../../shared/tls/leaf-wording";
import type { Endpoint } from "../../../shared/transport/connection-settings";
import { inSeconds } from "../../../shared/transport/timeouts";
import { type Transport, targetOnThisMachine } from "../../../shared/transport/transport";
import { SERVICE } from "../../messages/services";
import type { Problem } from "../desired/change";
import type { ServiceSettings } from "../desired/host-settings";
import { type AskingTimeouts, askForCertificates, hasAnswered } from "../services/asking";
import { cannotBeAsked, type Expectation, isTimeout, lookBy, type Outcome } from "../services/look";
import type { Part } from "./work";

export interface Confirmations {
  /** Parts whose certificate was presented. */
  readonly confirmed: readonly Part[];
  /** Parts whose certificate was not presented, and why. */
  readonly refuted: ReadonlyMap<Part, Problem>;
  /** Parts that could not be confirmed or refuted, and why. */
  readonly open: ReadonlyMap<Part, Problem>;
  /** Whether certificates had to be confirmed, but no endpoint listens. */
  readonly isDeaf: boolean;
}

/** The host of the service, and how its endpoints are reached. */
export interface AskedHost {
  readonly name: string;
  /** @default from this machine */
  readonly target?: Transport["target"];
}

/**
 * Performs a handshake for one name of each certificate, and compares the certificate that is presented.
 * Skips parts without a certificate, and all parts if no endpoint listens.
 */
export async function confirm(
  service: ServiceSettings,
  parts: readonly Part[],
  timeouts: AskingTimeouts,
  { name: hostName, target = targetOnThisMachine }: AskedHost,
): Promise<Confirmations> {
  const expectations = parts.flatMap((part) => expectation(part) ?? []);
  const answered = await askForCertificates(service.endpoints, expectations, timeouts, lookBy(target));
  if (!answered) {
    const isDeaf = expectations.length > 0 && service.endpoints.length > 0;
    return { confirmed: [], refuted: new Map(), open: new Map(), isDeaf };
  }
  const { endpoint, askedMs, outcomes } = answered;
  return summary({ service, hostName, endpoint, askedMs }, expectations, outcomes);
}

interface ExpectationOfPart extends Expectation {
  readonly part: Part;
}

function expectation(part: Part): ExpectationOfPart | undefined {
  const { role, names } = part.work.change;
  if (!part.pem || role === "base") return undefined;
  const serverName = role === "default" ? undefined : askedName(names, part.takenNames);
  if (role === null && serverName === undefined) return undefined;
  const inspection = inspectCombinedPem(part.pem.contents, { names: [], at: new Date() });
  if (!inspection.ok) return undefined;
  return { part, serverName, fingerprint: inspection.certificate.leaf.fingerprintSha256 };
}

/**
 * The first name for which a handshake is conclusive; a name that other configuration overrides if there is
 * no other.
 */
function askedName(names: readonly string[], taken: ReadonlySet<string>): string | undefined {
  const asked = names.filter((name) => !name.includes("*"));
  return asked.find((name) => !taken.has(name)) ?? asked[0];
}

/** The endpoint of the handshakes, and how long they were retried. */
interface Asked {
  readonly service: ServiceSettings;
  readonly hostName: string;
  readonly endpoint: Endpoint;
  readonly askedMs: number;
}

function summary(
  asked: Asked,
  expectations: readonly ExpectationOfPart[],
  outcomes: ReadonlyMap<ExpectationOfPart, Outcome>,
): Confirmations {
  const confirmed: Part[] = [];
  const refuted = new Map<Part, Problem>();
  const open = new Map<Part, Problem>();
  const isServing = [...outcomes.values()].includes("confirmed");
  const silence = hasAnswered(outcomes) ? undefined : [...outcomes.values()][0];
  for (const expected of expectations) {
    const { part } = expected;
    const outcome = outcomes.get(expected) ?? silence;
    if (outcome === "confirmed") confirmed.push(part);
    else if (outcome === undefined) open.set(part, notReached(asked, expected));
    // A server that presents other certificates, but times out for this one, is overloaded: the certificate is not at fault.
    else if (cannotBeAsked(outcome) || (isServing && isTimeout(outcome)))
      open.set(part, notAsked(asked, expected, outcome));
    else refuted.set(part, notServed(asked, expected, outcome));
  }
  return { confirmed, refuted, open, isDeaf: false };
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
      `The provider checked ${address}:${port} on host "${hostName}" for ${Math.ceil(inSeconds(askedMs))} s: ` +
      `${instead(outcome)}. The previous files were restored. See the log of ${name} there for why it has not ` +
      "loaded the new certificate, and its configuration for what else sets a certificate for that name, address or port.",
  };
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
