const TEN_DAYS_HOURS = 240;

/**
 * The part of a certificate's lifetime that is left when its renewal falls due: a third, and a half where it lives for less
 * than ten days. That is what Let's Encrypt suggests (RFC 9773), and what holds for a CA that suggests nothing.
 */
export function shareLeftAtRenewal(lifetimeHours: number): number {
  return lifetimeHours < TEN_DAYS_HOURS ? 1 / 2 : 1 / 3;
}

/** By how much of the lifetime a suggestion of Let's Encrypt may be later, so that not all certificates fall due at once. */
const SUGGESTED_LATER = 0.01;

/** A renewal that fails once is tried again before the certificate expires. */
const TRIES = 2;

/**
 * The longest interval between two runs that leaves two tries of a renewal before the certificate expires, in the unit of
 * what is given.
 *
 * @param renewBefore how long before its end the renewal falls due, at the latest
 */
export function longestRunInterval(renewBefore: number): number {
  return renewBefore / TRIES;
}

/** {@link longestRunInterval} for a CA that suggests when to renew, or for the times that hold where it does not. */
export function longestRunIntervalHours(lifetimeHours: number): number {
  return longestRunInterval((shareLeftAtRenewal(lifetimeHours) - SUGGESTED_LATER) * lifetimeHours);
}
