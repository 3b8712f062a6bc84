import type { CertificateFacts } from "../../../shared/certificate-facts";
import { presentedCertificate } from "../../../shared/tls/handshake";
import { HandshakeError } from "../../../shared/tls/handshake-error";
import type { Endpoint } from "../../../shared/transport/connection-settings";
import type { Transport } from "../../../shared/transport/transport";

/** A certificate that a server is expected to present. */
export interface Expectation {
  /** None for the certificate of clients that send no name. */
  readonly serverName: string | undefined;
  /** SHA-256 of the leaf, as `CertificateFacts` has it. */
  readonly fingerprint: string;
}

/** What one handshake has shown: the expected certificate, no connection, another failure, or another certificate. */
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

/** Closed, or ended by an alert: a server that is merely slow does neither, and one that has not reloaded yet presents the old one. */
export function isFailed(outcome: Outcome | undefined): boolean {
  return outcome instanceof HandshakeError && FAILED.has(outcome.failure);
}

/** Nothing is wrong with the certificate, as far as can be seen from here. */
export function cannotBeAsked(outcome: Outcome): outcome is HandshakeError {
  return (
    outcome instanceof HandshakeError &&
    (outcome.failure === "starttls-not-offered" || outcome.failure === "forbidden")
  );
}

/** Further looks would show the same. */
export function isFinal(outcome: Outcome): boolean {
  return outcome === "confirmed" || cannotBeAsked(outcome);
}
