/** How long things on a host may take. */
export interface Timeouts {
  /** A shell that may change something is ended after so long, and with it a lock that it holds. */
  readonly lockHoldMs: number;
  /** A shell that is older makes no further change: what is left of `lockHoldMs` has to suffice for one. */
  readonly shellReuseMs: number;
  /** Longer than `lockHoldMs`, so that what another run holds is always free before this one gives up. */
  readonly lockWaitMs: number;
  /** A single attempt at the lock, in whole seconds: `flock` on the host counts them. */
  readonly lockAttemptMs: number;
  /** Further attempts to find out which of several changes fails, from the beginning of the first. */
  readonly halvingMs: number;
  /** Until a service presents a new certificate, once it has been told. */
  readonly presentMs: number;
  /** Until a service listens again, where it was restarted. */
  readonly listenMs: number;
  /** A shell that only reads is ended after so long, and with it a look at a file system that does not answer. */
  readonly readMs: number;
  /** What was seen is good for so long, unless this process changes something: a plan of many resources takes its time. */
  readonly surveyMs: number;
}

export const TIMEOUTS: Timeouts = {
  lockHoldMs: 300_000,
  shellReuseMs: 60_000,
  lockWaitMs: 360_000,
  lockAttemptMs: 20_000,
  halvingMs: 180_000,
  // A large configuration takes seconds to be loaded, and a submission port may greet after three.
  presentMs: 30_000,
  listenMs: 3_000,
  readMs: 300_000,
  surveyMs: 10_000,
};

/** For a command that counts in seconds, and for messages. */
export function inSeconds(milliseconds: number): number {
  return milliseconds / 1000;
}
