import type { Question } from "../../../shared/tls/schedule";
import type { Endpoint } from "../../../shared/transport/connection-settings";
import type { ServiceSettings } from "../desired/host-settings";
import type { InstalledCertificate } from "./installed-certificates";

/** One handshake, and the certificate that is right for it. */
export interface ServedQuestion extends Question {
  readonly endpoint: Endpoint;
  readonly service: string;
  /** Undefined for a client without SNI. */
  readonly serverName: string | undefined;
  /** SHA-256 of the leaf that has to be presented. */
  readonly fingerprint: string;
}

/**
 * A question for each name at each endpoint. Where there is no time for all of them, the order decides: first each
 * certificate for its first name at one endpoint, then for its other names, then at the other endpoints.
 */
export function servedQuestions(
  certificates: readonly InstalledCertificate[],
  services: ReadonlyMap<string, ServiceSettings>,
): ServedQuestion[] {
  const subjects = certificates.flatMap((certificate, index) =>
    Object.entries(certificate.leaves).map(([service, fingerprint]) => ({
      index,
      service,
      fingerprint,
      serverNames: certificate.isDefault ? [undefined] : certificate.names,
      endpoints: services.get(service)?.endpoints ?? [],
    })),
  );
  const mostNames = Math.max(0, ...subjects.map(({ serverNames }) => serverNames.length));
  const mostEndpoints = Math.max(0, ...subjects.map(({ endpoints }) => endpoints.length));
  const questions: ServedQuestion[] = [];
  for (let turn = 0; turn < mostEndpoints; turn += 1) {
    for (let at = 0; at < mostNames; at += 1) {
      for (const { index, service, fingerprint, serverNames, endpoints } of subjects) {
        if (at >= serverNames.length || turn >= endpoints.length) continue;
        // Not the same endpoint for all, so that each is asked early.
        const endpoint = endpoints[(index + at + turn) % endpoints.length] as Endpoint;
        const { address } = endpoint;
        questions.push({ address, endpoint, service, serverName: serverNames[at], fingerprint });
      }
    }
  }
  return questions;
}
