import type { CertificateFacts } from "../../../shared/certificate-facts";
import { presentedCertificate } from "../../../shared/tls/handshake";
import { HandshakeError } from "../../../shared/tls/handshake-error";
import type { Endpoint } from "../../../shared/transport/connection-settings";
import type { Transport } from "../../../shared/transport/transport";

/** A certificate that a server is expected to present. */
export interface Expectation {
  /** Undefined for the certificate that clients without SNI get. */
  readonly serverName: string | undefined;
  /** SHA-256 of the leaf, as in `CertificateFacts`. */
  readonly fingerprint: string;
}

/** The outcome of one handshake: the expected certificate, no connection, another failure, or another certificate. */
export type Outcome = "confirmed" | "refused" | HandshakeError | Presented;

export type Presented = Pick<CertificateFacts, "subject" | "dnsNames" | "notAfter">;

/** Makes one handshake. @param deadline by `performance.now()` */
export type Look = (endpoint: Endpoint, expected: Expectation, deadline: number) => Promise<Outcome>;

/** Performs handshakes with endpoints that `target` reaches. */
export function lookBy(target: Transport["target"]): Look {
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

export function isTimeout(outcome: Outcome): outcome is HandshakeError {
  return outcome instanceof HandshakeError && outcome.failure === "timeout";
}

const FAILED: ReadonlySet<string> = new Set(["alert", "closed", "protocol"]);

/**
 * Whether the server closed the connection or sent an alert. A slow server does neither, and one that has not
 * reloaded yet presents the old certificate.
 */
export function isFailed(outcome: Outcome | undefined): boolean {
  return outcome instanceof HandshakeError && FAILED.has(outcome.failure);
}

/** Whether the outcome says nothing about the certificate. */
export function cannotBeAsked(outcome: Outcome): outcome is HandshakeError {
  return (
    outcome instanceof HandshakeError &&
    (outcome.failure === "starttls-not-offered" || outcome.failure === "forbidden")
  );
}

/** Whether further handshakes would have the same outcome. */
export function isFinal(outcome: Outcome): boolean {
  return outcome === "confirmed" || cannotBeAsked(outcome);
}
