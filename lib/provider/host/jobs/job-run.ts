import { rfc3339 } from "../../../shared/time/rfc3339";
import type { Answer } from "../../../shared/transport/session";

/** The latest run of a job on a host. */
export interface JobRun {
  /** A random id, made by the provider that has started it. */
  readonly id: string;
  /** The SHA-256 of the trigger that it was started for. */
  readonly trigger: string;
  /** When it was started, RFC 3339, by the clock of the host. */
  readonly startedAt: string;
  readonly state: RunState;
}

/**
 * `gone`: no process of it is alive, and it has left no exit status. The host may have been restarted. `noted`: it has not
 * begun, and never will, because the shell that should have begun it was ended.
 */
export type RunState =
  | { readonly is: "running" }
  | { readonly is: "gone" }
  | { readonly is: "noted" }
  | { readonly is: "ended"; readonly exitStatus: number; readonly endedAt: string };

/** An error: a host has answered something else than the state of a job. */
export class JobUnusable extends Error {
  override readonly name = "JobUnusable";
}

const RUN =
  /^([0-9a-f]{16}) ([0-9a-f]{64}) (\d{1,12})\n(?:(running|gone|noted)|ended (\d{1,3}) (\d{1,12}))\n?$/;

/** Parses the answer of the verb `look_at_job`; undefined if the job has never run. @throws {JobUnusable} */
export function parseJobRun({ output }: Answer): JobRun | undefined {
  if (output === "") return undefined;
  const [, id, trigger, started, unended, exitStatus, ended] = RUN.exec(output) ?? [];
  if (id === undefined || trigger === undefined) throw new JobUnusable("its record on the host is garbled");
  return {
    id,
    trigger,
    startedAt: timeOf(started),
    state:
      unended === undefined
        ? { is: "ended", exitStatus: Number(exitStatus), endedAt: timeOf(ended) }
        : { is: unended as "running" | "gone" | "noted" },
  };
}

/** The largest time that a `Date` holds is far beyond twelve digits of seconds. */
function timeOf(seconds = "0"): string {
  return rfc3339(new Date(Math.min(Number(seconds), LATEST_SECONDS) * 1000));
}

/** The end of the year 9999, which is the last with four digits. */
const LATEST_SECONDS = 253_402_300_799;
