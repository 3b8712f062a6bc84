import { sentence } from "../../../shared/transport/sentence";
import { HostUnreachable } from "../../../shared/transport/unreachable";
import { type Host, unreachable } from "../../host/host";
import { HostUnusable } from "../../host/host-unusable";
import type { Observation } from "../../host/observer";
import { HOST } from "../../messages/hosts";
import type { Diagnostics } from "../../protocol/diagnostics";
import { questionAbout } from "./observed-state";
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
    return observation;
  } catch (error) {
    const isAway = error instanceof HostUnreachable && !error.isImpostor;
    if (isAway && onUnreachable === "warn") {
      warnOfAbsence(error, host, diagnostics);
      return "unknown";
    }
    reportUnobserved(error, host, diagnostics);
    return null;
  }
}

function reportUnobserved(error: unknown, { settings: { name } }: Host, diagnostics: Diagnostics): void {
  if (error instanceof HostUnreachable) {
    const { summary, detail } = unreachable(name, error);
    diagnostics.error(summary, detail);
  } else if (error instanceof HostUnusable) {
    diagnostics.error(HOST.unreadable(name), error.message);
  } else throw error;
}

function warnOfAbsence({ message }: HostUnreachable, host: Host, diagnostics: Diagnostics): void {
  if (!host.isNews("absence")) return;
  diagnostics.warning(
    HOST.takenAsItWas(host.settings.name),
    `${sentence(message)} This plan uses its last known state; changes to this host fail until it is back.`,
  );
}
