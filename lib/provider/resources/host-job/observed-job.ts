import type { JobRow } from "../../../shared/host-job/job-result";
import { sha256 } from "../../../shared/sha256";
import { type Job, type JobObservation, jobConclusion } from "../../host/jobs/job-conclusion";
import type { HostJob } from "./schema";

/** The job that a resource is about, as its host knows it. */
export function jobOf({ id, command, trigger, result_file }: HostJob): Job {
  return { id: id ?? "", command, trigger: sha256(trigger), resultFile: result_file };
}

type Row = NonNullable<HostJob["results"]>[string];

/** The state of a job as its host describes it. Results that cannot be taken leave those of before. */
export function stateAfter(prior: HostJob, observation: JobObservation): HostJob {
  const { pending, result } = jobConclusion(jobOf(prior), observation);
  if (result !== null) {
    const results = Object.fromEntries(result.rows.map((row) => [row.name, rowOf(row)]));
    return { ...prior, results, exit_status: result.exitStatus, finished_at: result.finishedAt, pending };
  }
  const state = { ...prior, results: prior.result_file === null ? null : (prior.results ?? {}), pending };
  const run = observation.run?.state;
  return run?.is === "ended" ? { ...state, exit_status: run.exitStatus, finished_at: run.endedAt } : state;
}

function rowOf({ status, notAfter, fingerprint, message }: JobRow): Row {
  return { status, not_after: notAfter, fingerprint_sha256: fingerprint, message: message || null };
}
