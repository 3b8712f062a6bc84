import { isDeepStrictEqual } from "node:util";
import { sha256 } from "../../../shared/sha256";
import type { Host } from "../../host/host";
import type { Hosts } from "../../host/hosts";
import { jobConclusion } from "../../host/jobs/job-conclusion";
import { withoutUnknowns } from "../../protocol/consistency";
import { defineResource, type Outcome, type PlannedOf, type Resource } from "../../protocol/resource";
import { isUnknown, type Plannable, UNKNOWN } from "../../protocol/values/unknown";
import {
  knownHost,
  reachableHost,
  reachesSameHost,
  refuseGone,
  rememberedConnection,
  writableHost,
} from "../named-host";
import { jobOf, stateAfter } from "./observed-job";
import { notePlannedResults, noteReadResults } from "./presented";
import { refreshedJob } from "./refresh";
import { reportOutcome, reportProblem, warnOfSkip } from "./reports";
import { type HostJob, type HostJobAttributes, schema } from "./schema";
import { validate } from "./validation";

/** `mailsni_host_job`: a command that an apply runs on a host, and that goes on without it. */
export function hostJob(): Resource<HostJobAttributes, Hosts> {
  return defineResource<HostJobAttributes, Hosts>({
    schema,
    validate,

    plan({ prior, planned, private: kept, provider, diagnostics, requireReplacement }) {
      planned.id = plannedId(planned, provider);
      if (prior === null || hasToRun(planned, prior)) {
        planned.exit_status = UNKNOWN;
        planned.finished_at = UNKNOWN;
        planned.results = UNKNOWN;
        planned.pending = UNKNOWN;
      }
      const isApplied = prior === null || !isDeepStrictEqual(planned, prior);
      if (isApplied && !isUnknown(planned.host)) refuseGone(provider.find(planned.host), diagnostics);
      if (prior !== null) notePlannedResults(prior, isApplied, knownHost(prior.host, kept, provider));
      if (prior !== null && !reachesSameHost(prior.host, planned.host, kept, provider))
        requireReplacement(["host"]);
    },

    async create({ config, provider, diagnostics, signal }) {
      const host = writableHost(config.host, provider, diagnostics);
      if (host === null) return null;
      const state = await run(host, { ...config, id: jobId(config, provider) }, { diagnostics, signal });
      return state && !diagnostics.hasErrors ? outcome(state, host) : null;
    },

    async read({ prior, private: kept, provider, diagnostics }) {
      const host = reachableHost(prior.host, kept, provider, diagnostics);
      if (host === null) return null;
      if (!host.settings.applyOwnership) return { state: prior, private: kept };
      const observation = await refreshedJob(jobOf(prior), host, diagnostics);
      if (observation === "unknown") return { state: prior, private: kept };
      if (observation === null || observation.run === undefined) return null;
      const state = stateAfter(prior, observation);
      noteReadResults(state, host);
      return outcome(state, host);
    },

    async update({ config, planned, prior, provider, diagnostics, signal }) {
      const host = writableHost(config.host, provider, diagnostics);
      if (host === null) return null;
      if (!hasToRun(planned, prior)) return outcome(withoutUnknowns(planned) as HostJob, host);
      const wanted = { ...prior, ...config, id: jobId(config, provider), results: prior.results };
      const state = await run(host, wanted, { diagnostics, signal });
      if (state === null) return null;
      if (prior.id !== state.id) await removeFormer(prior, host);
      return outcome(state, host);
    },

    async delete({ prior, private: kept, provider, diagnostics, signal }) {
      const host = reachableHost(prior.host, kept, provider, diagnostics);
      if (host === null || host.settings.gone || !host.settings.applyOwnership) return;
      try {
        await host.jobs.remove(jobOf(prior), signal);
      } catch (error) {
        reportProblem(error, host, diagnostics);
      }
    },
  });
}

type Run = Pick<Parameters<Resource<HostJobAttributes, Hosts>["create"]>[0], "diagnostics" | "signal">;

/** Runs the job. @returns the state afterwards, also if it has failed; null, after an error, if that is not known */
async function run(host: Host, wanted: HostJob, { diagnostics, signal }: Run): Promise<HostJob | null> {
  const none = { exit_status: null, finished_at: null, pending: null };
  if (!host.settings.applyOwnership) {
    warnOfSkip(host, diagnostics);
    return { ...wanted, ...none, results: wanted.result_file === null ? null : {} };
  }
  const job = jobOf(wanted);
  try {
    const observation = await host.jobs.run(job, signal);
    for (const { summary, detail } of host.takeWarnings()) diagnostics.warning(summary, detail);
    await reportOutcome(job, jobConclusion(job, observation), host, diagnostics);
    return stateAfter({ ...wanted, ...none }, observation);
  } catch (error) {
    reportProblem(error, host, diagnostics);
    return null;
  }
}

/** A job of another command: what is known of it on the host is of no more use. A failure leaves a small directory there. */
async function removeFormer(prior: HostJob, host: Host): Promise<void> {
  try {
    await host.jobs.removeIfEnded(jobOf(prior));
  } catch (error) {
    host.unusable(error);
  }
}

function hasToRun(planned: PlannedOf<HostJobAttributes>, prior: HostJob): boolean {
  const isSame = (["id", "command", "trigger", "result_file"] as const).every((name) =>
    isDeepStrictEqual(planned[name], prior[name]),
  );
  return !isSame || prior.pending !== null;
}

type JobSettings = Pick<HostJob, "command" | "result_file">;

function plannedId({ command, result_file }: PlannedOf<HostJobAttributes>, hosts: Hosts): Plannable<string> {
  if (isUnknown(command) || isUnknown(result_file) || command.some(isUnknown)) return UNKNOWN;
  return jobId({ command: command.filter((word) => !isUnknown(word)), result_file }, hosts);
}

/**
 * The same for the same job, so that an apply finds the run of one that was killed before the engine had saved the state. No
 * other stack has the same.
 */
function jobId({ command, result_file }: JobSettings, { stack }: Hosts): string {
  return sha256(JSON.stringify([stack, command, result_file])).slice(0, 16);
}

function outcome(state: HostJob, host: Host): Outcome<HostJobAttributes> {
  return { state, private: rememberedConnection(host) };
}
