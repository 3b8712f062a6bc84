import { inspectCombinedPem } from "../../common/combined-pem";
import { presentedCertificate } from "../../tls/handshake";
import { HandshakeError } from "../../tls/handshake-error";
import type { Problem } from "./change";
import type { Endpoint, ServiceSettings } from "./settings";
import type { Part } from "./work";

/** A large configuration takes a second or two to be loaded again, and a submission port may greet after three. */
const DEADLINE_MILLISECONDS = 30_000;
const PAUSE_MILLISECONDS = 100;

export type Confirmation =
  | { readonly severity: "error"; readonly problem: Problem }
  | { readonly severity: "warning"; readonly problem: Problem };

/**
 * Asks the server for one name of a certificate that has just been changed, and compares what it presents. Nothing
 * where all is well, where nothing listens, or where no certificate has changed.
 */
export async function confirm(service: ServiceSettings, part: Part): Promise<Confirmation | undefined> {
  const expected = expectation(part);
  if (!expected) return undefined;
  const deadline = Date.now() + DEADLINE_MILLISECONDS;
  for (const endpoint of service.endpoints) {
    const seen = await lookUntil(endpoint, expected, deadline);
    if (seen === "refused") continue;
    return seen === "confirmed" ? undefined : complaint(service, endpoint, expected, seen);
  }
  return undefined;
}

interface Expectation {
  /** None for the certificate of clients that send no name. */
  readonly serverName: string | undefined;
  readonly fingerprint: string;
}

function expectation({ work: { change }, steps }: Part): Expectation | undefined {
  const pem = steps.find((step) => step.do === "put" && step.file.secret);
  if (pem?.do !== "put" || change.role === "base") return undefined;
  const serverName = change.role === "default" ? undefined : change.names.find((name) => !name.includes("*"));
  if (change.role === null && serverName === undefined) return undefined;
  const inspection = inspectCombinedPem(pem.file.contents, { names: [], at: new Date() });
  return inspection.ok
    ? { serverName, fingerprint: inspection.certificate.leaf.fingerprintSha256 }
    : undefined;
}

type Seen =
  | "confirmed"
  | "refused"
  | HandshakeError
  | { readonly subject: string; readonly names: readonly string[] };

/** A reload takes effect a moment after its command has ended. */
async function lookUntil(endpoint: Endpoint, expected: Expectation, deadline: number): Promise<Seen> {
  for (;;) {
    const seen = await look(endpoint, expected, deadline);
    if (seen === "confirmed" || seen === "refused") return seen;
    if (Date.now() + PAUSE_MILLISECONDS >= deadline) return seen;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS));
  }
}

async function look(
  endpoint: Endpoint,
  { serverName, fingerprint }: Expectation,
  deadline: number,
): Promise<Seen> {
  try {
    const { leaf } = await presentedCertificate({
      endpoint: { host: endpoint.address, port: endpoint.port },
      protocol: endpoint.protocol,
      serverName,
      deadlineMs: Math.max(deadline - Date.now(), 1),
    });
    if (leaf.fingerprintSha256 === fingerprint) return "confirmed";
    return { subject: leaf.subject, names: leaf.dnsNames };
  } catch (error) {
    if (!(error instanceof HandshakeError)) throw error;
    return error.failure === "refused" ? "refused" : error;
  }
}

function complaint(
  service: ServiceSettings,
  { address, port }: Endpoint,
  { serverName }: Expectation,
  seen: Exclude<Seen, "confirmed" | "refused">,
): Confirmation {
  const asked = serverName === undefined ? "a client that sends no name" : serverName;
  if (seen instanceof HandshakeError && seen.failure === "starttls-not-offered") {
    return {
      severity: "warning",
      problem: {
        summary: `${service.name} could not be asked for ${asked}`,
        detail: `On ${address}:${port} ${seen.message}. The files are in place.`,
      },
    };
  }
  const instead =
    seen instanceof HandshakeError
      ? seen.message
      : `it presents the certificate of ${seen.names.slice(0, 5).join(", ") || seen.subject}`;
  return {
    severity: "error",
    problem: {
      summary: `${service.name} does not serve the new certificate of ${asked}`,
      detail: `Asked on ${address}:${port} for ${DEADLINE_MILLISECONDS / 1000} s: ${instead}. The previous files are back in place.`,
    },
  };
}
