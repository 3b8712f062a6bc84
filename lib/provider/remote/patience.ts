/** How long things on a host may take, in seconds. */
export interface Patience {
  /** A change may hold the lock; a shell that was cut off is ended by then. */
  readonly hold: number;
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
  /** A shell that only reads. */
  readonly read: number;
}

export const PATIENCE: Patience = {
  hold: 300,
  wait: 360,
  lock: 20,
  attempts: 180,
  // A large configuration takes seconds to be loaded, and a submission port may greet after three.
  presents: 30,
  listens: 3,
  read: 3600,
};
