import { sentence } from "../../../shared/transport/sentence";
import { HostUnreachable } from "../../../shared/transport/unreachable";
import { type Host, unreachable } from "../../host/host";
import { HostUnusable } from "../../host/host-unusable";
import type { Observation } from "../../host/observer";
import { FILE } from "../../messages/files";
import { HOST } from "../../messages/hosts";
import type { Diagnostics } from "../../protocol/diagnostics";
import { observedPaths } from "./desired-change";
import { questionAbout, unavailability } from "./observed-state";
import type { HostFiles } from "./schema";
import { servedBy } from "./served-state";

/**
 * The current state on the host; "unknown" if the host cannot be read and the known values are kept; null
 * after an error.
 */
export async function refreshed(
  state: HostFiles,
  host: Host,
  diagnostics: Diagnostics,
): Promise<Observation | "unknown" | null> {
  const { gone, onUnreachable } = host.settings;
  if (gone) return "unknown";
  try {
    const observation = await host.observe({
      ...questionAbout(state),
      savedState: state.state_id,
      served: servedBy(state),
    });
    for (const { summary, detail } of observation.warnings) diagnostics.warning(summary, detail);
    if (onUnreachable === "warn") refuseUnavailable(state, observation);
    return observation;
  } catch (error) {
    if (!(error instanceof HostUnreachable || error instanceof HostUnusable)) throw error;
    if (onUnreachable === "warn") {
      warnOfLastKnownState(error, host, diagnostics);
      return "unknown";
    }
    reportUnobserved(error, host, diagnostics);
    return null;
  }
}

function reportUnobserved(
  error: HostUnreachable | HostUnusable,
  { settings: { name } }: Host,
  diagnostics: Diagnostics,
): void {
  if (error instanceof HostUnusable) {
    diagnostics.error(HOST.unreadable(name), error.message);
    return;
  }
  const { summary, detail } = unreachable(name, error);
  diagnostics.error(summary, detail);
}

/** @throws {HostUnusable} if a path could not be read: it is not known whether it exists */
function refuseUnavailable(state: HostFiles, { facts }: Observation): void {
  for (const path of observedPaths(state)) {
    const problem = unavailability(facts.get(path));
    if (problem !== null) throw new HostUnusable(`${FILE.unreadable(path)}: ${problem}`);
  }
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
