import { sentence } from "../../shared/transport/sentence";
import { HostUnreachable } from "../../shared/transport/unreachable";
import { type Host, unreachable } from "../host/host";
import { HostUnusable } from "../host/host-unusable";
import { HOST } from "../messages/hosts";
import type { Diagnostics } from "../protocol/diagnostics";

/**
 * What a refresh makes of a host that cannot be observed: "unknown", after a warning, if the known values are kept; null after
 * an error.
 */
export function withoutObservation(
  error: HostUnreachable | HostUnusable,
  host: Host,
  diagnostics: Diagnostics,
): "unknown" | null {
  if (host.settings.onUnreachable === "warn") {
    warnOfLastKnownState(error, host, diagnostics);
    return "unknown";
  }
  if (error instanceof HostUnusable) {
    diagnostics.error(HOST.unreadable(host.settings.name), error.message);
  } else {
    const { summary, detail } = unreachable(host.settings.name, error);
    diagnostics.error(summary, detail);
  }
  return null;
}

/**
 * Nothing is sent to a host with another host key: each change of it begins with a connection, which `ssh` refuses, as here. So
 * the plan may go on with the other hosts.
 */
function warnOfLastKnownState(
  error: HostUnreachable | HostUnusable,
  host: Host,
  diagnostics: Diagnostics,
): void {
  if (!host.isNews("last known state")) return;
  const until = error instanceof HostUnreachable && !error.isImpostor ? "it is back" : "that is fixed";
  diagnostics.warning(
    summaryOf(error)(host.settings.name),
    `${sentence(error.message)} This plan uses its last known state; changes to this host fail until ${until}.`,
  );
}

function summaryOf(error: HostUnreachable | HostUnusable) {
  if (error instanceof HostUnusable) return HOST.unusableTakenAsItWas;
  return error.isImpostor ? HOST.impostorTakenAsItWas : HOST.takenAsItWas;
}
