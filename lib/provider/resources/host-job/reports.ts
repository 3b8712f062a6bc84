import type { JobRow } from "../../../shared/host-job/job-result";
import { sentence } from "../../../shared/transport/sentence";
import { inSeconds } from "../../../shared/transport/timeouts";
import { HostUnreachable } from "../../../shared/transport/unreachable";
import { type Host, unreachable } from "../../host/host";
import { JobUnfinished } from "../../host/host-jobs";
import { type Job, type JobConclusion, unsettled } from "../../host/jobs/job-conclusion";
import { JobUnusable } from "../../host/jobs/job-run";
import { HOST } from "../../messages/hosts";
import { JOB } from "../../messages/jobs";
import type { Diagnostics } from "../../protocol/diagnostics";

/** How many rows get a warning each. */
const MOST_ROWS = 50;

/** Reports how a job has ended: a row that is not as it should be is a warning, and holds back no other. */
export async function reportOutcome(
  job: Job,
  { is, pending, result }: JobConclusion,
  host: Host,
  diagnostics: Diagnostics,
): Promise<void> {
  if (is === "rows" && result !== null) reportRows(unsettled(result.rows), host, diagnostics);
  if (is !== "failed") return;
  const output = await host.jobs.output(job);
  const said = output === "" ? "" : ` It printed last:\n${output}`;
  diagnostics.error(
    JOB.hasFailed(host.settings.name),
    `\`${job.command.join(" ")}\`: ${pending}. Fix the cause, and apply again: the apply runs the job again.${said}`,
  );
}

function reportRows(
  rows: readonly JobRow[],
  { settings: { name: host } }: Host,
  diagnostics: Diagnostics,
): void {
  for (const { name, status, message } of rows.slice(0, MOST_ROWS)) {
    const summary = status === "failed" ? JOB.rowFailed(name, host) : JOB.rowPending(name, host);
    diagnostics.warning(
      summary,
      `${sentence(message || "The job does not say why.")} ${NEXT_APPLY}${more(rows)}`,
    );
  }
}

const NEXT_APPLY = "The other rows are not affected. The next apply runs the job again.";

function more({ length }: readonly JobRow[]): string {
  return length > MOST_ROWS ? ` It is one of ${length} rows; only ${MOST_ROWS} are shown.` : "";
}

/** Reports why a job could not be run or waited for. @throws the error if it is about something else */
export function reportProblem(error: unknown, host: Host, diagnostics: Diagnostics): void {
  const { name } = host.settings;
  if (error instanceof JobUnfinished) {
    diagnostics.error(unfinished(error, name), `${wordsOf(error, host)} ${GOES_ON}`);
  } else if (error instanceof JobUnusable) {
    diagnostics.error(JOB.unusable(name), `${sentence(error.message)} No run was started or ended.`);
  } else if (error instanceof HostUnreachable) {
    const { summary, detail } = unreachable(name, error);
    diagnostics.error(summary, detail);
  } else {
    diagnostics.error(HOST.unusable(name), host.unusable(error).message);
  }
}

const GOES_ON =
  "The job continues on the host. Apply again: the apply waits for it, and starts no second run.";

function unfinished({ end }: JobUnfinished, host: string) {
  if (end === "late") return JOB.stillRuns(host);
  return end === "lost" ? JOB.lost(host) : JOB.interrupted(host);
}

function wordsOf({ end, message }: JobUnfinished, { timeouts }: Host): string {
  if (end === "late") return `This run has waited for ${inSeconds(timeouts.jobWaitMs)} s.`;
  return end === "lost" ? sentence(message) : "This run was interrupted.";
}

/** Warns that a job is not run where services' commands are not run either. */
export function warnOfSkip(host: Host, diagnostics: Diagnostics): void {
  diagnostics.warning(
    JOB.notRun(host.settings.name),
    "No commands are run there: the host's `ownership` is `skip`, which is the default below a `root`.",
  );
}
