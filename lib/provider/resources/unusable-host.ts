import { HostUnreachable } from "../../shared/transport/unreachable";
import { type Host, unreachable } from "../host/host";
import { HOST } from "../messages/hosts";
import type { Diagnostics } from "../protocol/diagnostics";
import { withoutObservation } from "./last-known-state";

/** What a refresh makes of a host that cannot be asked. @throws the error if it is not about the host */
export function unobserved(error: unknown, host: Host, diagnostics: Diagnostics): "unknown" | null {
  return withoutObservation(
    error instanceof HostUnreachable ? error : host.unusable(error),
    host,
    diagnostics,
  );
}

/** Reports a host on which nothing could be done. @throws the error if it is not about the host */
export function reportUnusable(error: unknown, host: Host, diagnostics: Diagnostics): void {
  const { name } = host.settings;
  if (error instanceof HostUnreachable) {
    const { summary, detail } = unreachable(name, error);
    diagnostics.error(summary, detail);
  } else {
    diagnostics.error(HOST.unusable(name), host.unusable(error).message);
  }
}
