/** How long things on a host may take, in seconds. */
export interface Patience {
  /** A shell that may change something is ended after so long, and with it a lock that it holds. */
  readonly hold: number;
  /** A shell that is older makes no further change: what is left of `hold` has to suffice for one. */
  readonly reuse: number;
  /** Longer than `hold`, so that what another run holds is always free before this one gives up. */
  readonly wait: number;
  /** A single attempt at the lock. */
  readonly lock: number;
  /** Attempts to find out which of several changes is guilty, from the beginning of the first. */
  readonly attempts: number;
  /** Until a service presents a new certificate, once it has been told. */
  readonly presents: number;
  /** Until a service listens again, where it was restarted. */
  readonly listens: number;
  /** A shell that only reads is ended after so long, and with it a look at a file system that does not answer. */
  readonly read: number;
  /** What was seen is good for so long, unless this process changes something: a plan of many resources takes its time. */
  readonly survey: number;
}

export const PATIENCE: Patience = {
  hold: 300,
  reuse: 60,
  wait: 360,
  lock: 20,
  attempts: 180,
  // A large configuration takes seconds to be loaded, and a submission port may greet after three.
  presents: 30,
  listens: 3,
  read: 300,
  survey: 10,
};
