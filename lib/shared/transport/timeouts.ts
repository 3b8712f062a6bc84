/** Timeouts for work on a host, in milliseconds. */
export interface Timeouts {
  /** The time after which a shell that may change the host is ended, which releases its lock. */
  readonly lockHoldMs: number;
  /** The age after which a shell makes no further change: the rest of `lockHoldMs` has to suffice for one. */
  readonly shellReuseMs: number;
  /**
   * The time to wait for the lock. Longer than `lockHoldMs`, so that another run always releases it before
   * this one gives up.
   */
  readonly lockWaitMs: number;
  /**
   * The time of a single attempt at the lock, in whole seconds, because `flock` on the host counts seconds.
   */
  readonly lockAttemptMs: number;
  /**
   * How long a plan waits for a run that is just activating something, in whole seconds: otherwise it would call that pending.
   */
  readonly unlockedWaitMs: number;
  /**
   * The time for further attempts that find out which of several changes fails, from the beginning of the
   * first attempt.
   */
  readonly halvingMs: number;
  /** The time until a service presents a new certificate after its activation. */
  readonly presentMs: number;
  /** The time until a restarted service listens again. */
  readonly listenMs: number;
  /**
   * How long a change that is done waits, after the last change of its host, for the change of the resource that still
   * has one of its names.
   */
  readonly handoverMs: number;
  /** The time after which a shell that only reads is ended: a file system may not answer. */
  readonly readMs: number;
  /**
   * The time for which observations are reused unless this process changes the host: a plan of many resources
   * takes long.
   */
  readonly surveyMs: number;
  /** The time after which a run of a job is ended on its host. */
  readonly jobRunMs: number;
  /** How long an apply waits for a job: the first orders of hundreds of certificates take most of an hour. */
  readonly jobWaitMs: number;
  /** The time between two looks at a job. */
  readonly jobLookMs: number;
  /** The time until a job that could not run now (exit status 75) is started again. */
  readonly jobRetryMs: number;
  /** How long an apply tries to reach the host of a job again, after the connection was lost. */
  readonly jobLostMs: number;
}

export const TIMEOUTS: Timeouts = {
  lockHoldMs: 300_000,
  shellReuseMs: 60_000,
  lockWaitMs: 360_000,
  lockAttemptMs: 20_000,
  unlockedWaitMs: 30_000,
  halvingMs: 180_000,
  // A large configuration takes seconds to load, and a submission port may delay its greeting by three
  // seconds.
  presentMs: 30_000,
  listenMs: 3_000,
  // Two certificates that are issued at the same time arrive within a few seconds.
  handoverMs: 10_000,
  readMs: 300_000,
  surveyMs: 10_000,
  jobRunMs: 6 * 3_600_000,
  jobWaitMs: 2 * 3_600_000,
  jobLookMs: 2_000,
  jobRetryMs: 15_000,
  jobLostMs: 120_000,
};

/** Converts milliseconds for commands that count in seconds, and for messages. */
export function inSeconds(milliseconds: number): number {
  return milliseconds / 1000;
}
