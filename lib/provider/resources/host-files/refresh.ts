import { HostUnreachable } from "../../../shared/transport/unreachable";
import type { Host } from "../../host/host";
import { HostUnusable } from "../../host/host-unusable";
import type { Observation } from "../../host/observer";
import { FILE } from "../../messages/files";
import type { Diagnostics } from "../../protocol/diagnostics";
import { withoutObservation } from "../last-known-state";
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
    return withoutObservation(error, host, diagnostics);
  }
}

/** @throws {HostUnusable} if a path could not be read: it is not known whether it exists */
function refuseUnavailable(state: HostFiles, { facts }: Observation): void {
  for (const path of observedPaths(state)) {
    const problem = unavailability(facts.get(path));
    if (problem !== null) throw new HostUnusable(`${FILE.unreadable(path)}: ${problem}`);
  }
}
