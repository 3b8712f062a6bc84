import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { fetchedResult, fetchResult } from "../../shared/host-job/fetched-result";
import { complaint } from "../../shared/transport/complaint";
import { onHost } from "../../shared/transport/connection-settings";
import { KeptSession } from "../../shared/transport/kept-session";
import { type Answer, type Call, lastLines, type Session, SessionLost } from "../../shared/transport/session";
import { inSeconds, type Timeouts } from "../../shared/transport/timeouts";
import type { Transport } from "../../shared/transport/transport";
import { HostUnreachable } from "../../shared/transport/unreachable";
import type { HostSettings } from "./desired/host-settings";
import type { HostChecks } from "./host-checks";
import { type Job, type JobObservation, jobConclusion, TRY_AGAIN } from "./jobs/job-conclusion";
import { type JobRun, JobUnusable, parseJobRun } from "./jobs/job-run";
import { LedgerFile } from "./record/ledger-file";

/** Why an apply stopped to wait for a job, which goes on. */
export type WaitEnd = "interrupted" | "late" | "lost";

/** An error: an apply no longer waits for a job. The job goes on, and the next apply waits for it. */
export class JobUnfinished extends Error {
  override readonly name = "JobUnfinished";

  constructor(
    readonly end: WaitEnd,
    /** How the connection was lost. */
    message = "",
  ) {
    super(message);
  }
}

/** Looks at a job soon after its start, then less and less often. */
const FIRST_LOOK_MS = 100;
const SHARE_OF_WAIT = 0.1;

/** The jobs of one host. */
export class Jobs {
  readonly #shell: KeptSession;
  /** For the check that the ledger is this machine's. */
  readonly #ledgerFile: LedgerFile;

  constructor(
    private readonly host: HostSettings,
    transport: Transport,
    private readonly timeouts: Timeouts,
    private readonly checks: HostChecks,
  ) {
    this.#ledgerFile = new LedgerFile(host);
    this.#shell = new KeptSession(transport, { lifetimeMs: timeouts.readMs, reuseMs: timeouts.shellReuseMs });
  }

  /** @throws {HostUnreachable} {SessionLost} {HostUnusable} {LedgerUnusable} {JobUnusable} */
  observe(job: Job): Promise<JobObservation> {
    return this.#shell.begin(async (session) => {
      const answers = await session.round(this.checks.questions(this.#ledgerFile));
      this.checks.refuseUnfit(answers);
      this.checks.recognise(answers, this.#ledgerFile);
      return this.#look(session, job);
    });
  }

  /**
   * Brings about that the job has run for its trigger. Waits for a run that is going on, takes the result of one that has
   * succeeded, and starts one otherwise.
   *
   * @throws {JobUnfinished} and what `observe` throws
   */
  async run(job: Job, signal: AbortSignal): Promise<JobObservation> {
    const wait = new Wait(this.timeouts, signal);
    let found = await this.observe(job);
    /** The run whose end is the end of the job, once it is known. */
    let awaited: string | undefined;
    for (;;) {
      const { run } = found;
      if (run?.state.is === "running") {
        if (run.trigger === job.trigger) awaited = run.id;
        found = await this.#next(job, wait);
      } else if (jobConclusion(job, found).is === "done") return found;
      else {
        const isOver = run !== undefined && run.id === awaited && run.state.is !== "noted";
        if (isOver && !isBusy(run)) return found;
        if (isOver) await wait.pause(this.timeouts.jobRetryMs);
        awaited = await this.#start(job, run?.id ?? NO_RUN);
        wait.startAgain();
        found = await this.#next(job, wait);
      }
    }
  }

  /** The end of what the latest run has printed, for a message; empty if it cannot be had. */
  async output({ id }: Job): Promise<string> {
    try {
      const { status, output } = await this.#shell.begin((session) =>
        session.call("job_output", this.#directory, id),
      );
      return status === 0 ? lastLines(output) : "";
    } catch (error) {
      if (!(error instanceof SessionLost || error instanceof HostUnreachable)) throw error;
      return "";
    }
  }

  /**
   * Removes what the host knows of a job, when its run has ended.
   *
   * @throws {JobUnfinished} and what `observe` throws
   */
  async remove(job: Job, signal: AbortSignal): Promise<void> {
    const wait = new Wait(this.timeouts, signal);
    let found = await this.observe(job);
    while (found.run?.state.is === "running") found = await this.#next(job, wait);
    await this.#discard(job, found);
  }

  /** The same, unless it is running. @throws what `observe` throws */
  async removeIfEnded(job: Job): Promise<void> {
    const found = await this.observe(job);
    if (found.run?.state.is !== "running") await this.#discard(job, found);
  }

  async close(): Promise<void> {
    await this.#shell.close();
  }

  get #directory(): string {
    return onHost(this.host, this.host.stateDirectory);
  }

  async #discard({ id }: Job, { run }: JobObservation): Promise<void> {
    const call: Call = ["remove_job", this.#directory, id, run?.id ?? NO_RUN];
    refuseFailed(await this.#shell.begin((session) => session.call(...call)));
  }

  /** @returns the id of the run; if the connection was lost, it may not have begun */
  async #start(job: Job, known: string): Promise<string> {
    const run = randomBytes(8).toString("hex");
    const { id, trigger, command } = job;
    const seconds = String(inSeconds(this.timeouts.jobRunMs));
    const call: Call = ["begin_job", this.#directory, id, known, run, trigger, seconds, ...command];
    try {
      // Sent again after a lost connection, it begins no second run: that is no longer the known one.
      refuseFailed(await this.#shell.begin((session) => session.call(...call)));
    } catch (error) {
      if (!(error instanceof SessionLost)) throw error;
    }
    return run;
  }

  /** Looks again after a while. A lost connection is made again. */
  async #next(job: Job, wait: Wait): Promise<JobObservation> {
    const lostAt = performance.now() + this.timeouts.jobLostMs;
    for (;;) {
      await wait.next();
      try {
        return await this.#shell.begin((session) => this.#look(session, job));
      } catch (error) {
        const isLost =
          error instanceof SessionLost || (error instanceof HostUnreachable && !error.isImpostor);
        if (!isLost) throw error;
        if (performance.now() > lostAt) throw new JobUnfinished("lost", error.message);
      }
    }
  }

  async #look(session: Session, { id, resultFile }: Job): Promise<JobObservation> {
    const look: Call = ["look_at_job", this.#directory, id];
    const fetch: Call[] = resultFile === null ? [] : [fetchResult(onHost(this.host, resultFile))];
    const [run, result] = await session.round([look, ...fetch]);
    if (run === undefined) throw new SessionLost("it answered nothing");
    refuseFailed(run);
    return { run: parseJobRun(run), result: result && fetchedResult(result) };
  }
}

/** Stands for the id of a run of a job that has not run. */
const NO_RUN = "-";

/** The wait for a job, which ends at a limit or by Ctrl-C. */
class Wait {
  readonly #start = performance.now();
  #runStart = performance.now();

  constructor(
    private readonly timeouts: Timeouts,
    private readonly signal: AbortSignal,
  ) {}

  startAgain(): void {
    this.#runStart = performance.now();
  }

  /** @throws {JobUnfinished} */
  async next(): Promise<void> {
    const share = (performance.now() - this.#runStart) * SHARE_OF_WAIT;
    await this.pause(Math.min(FIRST_LOOK_MS + share, this.timeouts.jobLookMs));
  }

  /** @throws {JobUnfinished} */
  async pause(milliseconds: number): Promise<void> {
    if (performance.now() - this.#start > this.timeouts.jobWaitMs) throw new JobUnfinished("late");
    try {
      await delay(milliseconds, undefined, { signal: this.signal });
    } catch {
      throw new JobUnfinished("interrupted");
    }
  }
}

/** Whether the run could not do anything now. */
function isBusy({ state }: JobRun): boolean {
  return state.is === "ended" && state.exitStatus === TRY_AGAIN;
}

function refuseFailed({ status, output }: Answer): void {
  if (status !== 0) throw new JobUnusable(complaint(output));
}
