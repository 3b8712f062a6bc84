import { sentence } from "../../../shared/transport/sentence";
import { HostUnreachable } from "../../../shared/transport/unreachable";
import { type Host, unreachable } from "../../host/host";
import type { Job, JobObservation } from "../../host/jobs/job-conclusion";
import { JobUnusable } from "../../host/jobs/job-run";
import { HOST } from "../../messages/hosts";
import { JOB } from "../../messages/jobs";
import type { Diagnostics } from "../../protocol/diagnostics";

/** What the host says of a job; "unknown" if it cannot be asked and the known values are kept; null after an error. */
export async function refreshedJob(
  job: Job,
  host: Host,
  diagnostics: Diagnostics,
): Promise<JobObservation | "unknown" | null> {
  const { gone, onUnreachable, name } = host.settings;
  if (gone) return "unknown";
  try {
    const observation = await host.jobs.observe(job);
    for (const { summary, detail } of host.takeWarnings()) diagnostics.warning(summary, detail);
    return observation;
  } catch (error) {
    if (error instanceof HostUnreachable) {
      if (onUnreachable === "warn" && !error.isImpostor) {
        warnOfAbsence(error, host, diagnostics);
        return "unknown";
      }
      const { summary, detail } = unreachable(name, error);
      diagnostics.error(summary, detail);
    } else if (error instanceof JobUnusable) {
      diagnostics.error(JOB.unusable(name), sentence(error.message));
    } else {
      diagnostics.error(HOST.unreadable(name), host.unusable(error).message);
    }
    return null;
  }
}

function warnOfAbsence({ message }: HostUnreachable, host: Host, diagnostics: Diagnostics): void {
  if (!host.isNews("absence")) return;
  diagnostics.warning(
    HOST.takenAsItWas(host.settings.name),
    `${sentence(message)} This plan uses its last known state; changes to this host fail until it is back.`,
  );
}
