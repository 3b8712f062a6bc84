import { type JobResult, JobResultUnreadable, type JobRow } from "../../../shared/host-job/job-result";
import { printableLine } from "../../../shared/text/printable";
import { PENDING } from "../../messages/pending";
import type { JobRun } from "./job-run";

/** A command that runs on a host apart from the session that starts it. */
export interface Job {
  /** The name of its directory on the host. */
  readonly id: string;
  readonly command: readonly string[];
  /** The SHA-256 of the trigger: the job is done when it has run for this one. */
  readonly trigger: string;
  /** The file of its results, without the host's `root`; null if it has none. */
  readonly resultFile: string | null;
}

/** What a host says of a job. */
export interface JobObservation {
  /** Undefined if the host does not know the job. */
  readonly run: JobRun | undefined;
  /** Undefined if there is no such file, or if the job has none. */
  readonly result: JobResult | JobResultUnreadable | undefined;
}

/** What follows from an observation. */
export interface JobConclusion {
  /** `rows`: it has ended, and some rows are not as they should be. `failed`: there is no result to take. */
  readonly is: "done" | "rows" | "failed" | "unfinished";
  /** What is pending, for the plan; null if nothing is. */
  readonly pending: string | null;
  /** The result; null if it cannot be taken. */
  readonly result: JobResult | null;
}

/** How many names of rows a text for `pending` has. */
const MOST_NAMES = 5;

/** The exit status of a job that could not run now, for example because another run is going on (EX_TEMPFAIL). */
export const TRY_AGAIN = 75;

/**
 * What a plan and an apply make of a job. With a result file, a later run that the host has started itself counts, too: the
 * newest result says what is pending.
 */
export function jobConclusion(job: Job, { run, result }: JobObservation): JobConclusion {
  if (run === undefined) return unfinished(PENDING.jobUnknown());
  if (run.trigger !== job.trigger) return unfinished(PENDING.jobOfOtherTrigger());
  if (run.state.is === "running") return unfinished(PENDING.jobRuns());
  if (run.state.is === "gone" || run.state.is === "noted") return failed(PENDING.jobGone());
  const { exitStatus, endedAt } = run.state;
  // It has not run for this trigger at all, whatever another run has done since.
  if (exitStatus === TRY_AGAIN) return failed(PENDING.jobFailed(String(exitStatus)));
  const ownFailure = exitStatus === 0 ? null : failed(PENDING.jobFailed(String(exitStatus)));
  const file = job.resultFile;
  if (file === null) return ownFailure ?? { is: "done", pending: null, result: null };
  if (result instanceof JobResultUnreadable)
    return ownFailure ?? failed(PENDING.jobResultUnreadable(file, result.message));
  if (result === undefined) return ownFailure ?? failed(PENDING.jobResultMissing(file));
  if (result.finishedAt < run.startedAt) return ownFailure ?? failed(PENDING.jobResultOld(file));
  return ofResult(result) ?? (result.finishedAt > endedAt ? undefined : ownFailure) ?? done(result);
}

function ofResult(result: JobResult): JobConclusion | undefined {
  const [first, ...others] = unsettled(result.rows);
  if (first !== undefined) return { is: "rows", pending: pendingRows([first, ...others]), result };
  return result.exitStatus === 0 ? undefined : failed(PENDING.jobFailed(String(result.exitStatus)));
}

/** The rows that are not as they should be. */
export function unsettled(rows: readonly JobRow[]): JobRow[] {
  return rows.filter(({ status }) => status !== "ok");
}

function pendingRows(rows: readonly JobRow[]): string {
  const names = rows.slice(0, MOST_NAMES).map(({ name }) => name);
  const more = rows.length > MOST_NAMES ? ` and ${rows.length - MOST_NAMES} more` : "";
  return printableLine(PENDING.jobRows(`${names.join(", ")}${more}`));
}

function done(result: JobResult): JobConclusion {
  return { is: "done", pending: null, result };
}

function failed(pending: string): JobConclusion {
  return { is: "failed", pending: printableLine(pending), result: null };
}

function unfinished(pending: string): JobConclusion {
  return { is: "unfinished", pending, result: null };
}
