import { sentence } from "../../../shared/transport/sentence";
import { HostUnreachable } from "../../../shared/transport/unreachable";
import type { Host } from "../../host/host";
import { HostUnusable } from "../../host/host-unusable";
import type { Job, JobObservation } from "../../host/jobs/job-conclusion";
import { JobUnusable } from "../../host/jobs/job-run";
import { JOB } from "../../messages/jobs";
import type { Diagnostics } from "../../protocol/diagnostics";
import { withoutObservation } from "../last-known-state";

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
    if (error instanceof JobUnusable && onUnreachable !== "warn") {
      diagnostics.error(JOB.unusable(name), sentence(error.message));
      return null;
    }
    return withoutObservation(unobserved(error, host), host, diagnostics);
  }
}

/** @throws the error if it is not about the host */
function unobserved(error: unknown, host: Host): HostUnreachable | HostUnusable {
  if (error instanceof HostUnreachable) return error;
  return error instanceof JobUnusable ? new HostUnusable(sentence(error.message)) : host.unusable(error);
}
