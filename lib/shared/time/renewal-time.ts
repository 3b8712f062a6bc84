const TEN_DAYS_HOURS = 240;

/**
 * The fraction of a certificate's lifetime that remains when its renewal is due: a third, or a half if the
 * lifetime is below ten days. Let's Encrypt suggests these times (RFC 9773), and they apply to CAs that
 * suggest none.
 */
export function shareLeftAtRenewal(lifetimeHours: number): number {
  return lifetimeHours < TEN_DAYS_HOURS ? 1 / 2 : 1 / 3;
}

export interface Lifetime {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** The renewal time if the CA suggests none. */
export function renewalByLifetime({ notBefore, notAfter }: Lifetime): Date {
  const lifetime = +notAfter - +notBefore;
  return new Date(+notAfter - lifetime * shareLeftAtRenewal(lifetime / HOUR_MS));
}

/**
 * The same of a certificate that was issued at that time. What a CA has dated far back would be due at once, and so would the next one:
 * what was left of its lifetime counts then.
 */
export function renewalOfIssued(lifetime: Lifetime, issuedAt: Date): Date {
  const time = renewalByLifetime(lifetime);
  return time > issuedAt ? time : renewalByLifetime({ notBefore: issuedAt, notAfter: lifetime.notAfter });
}

const HOUR_MS = 3_600_000;

/**
 * The fraction of the lifetime by which a suggestion of Let's Encrypt may be later, so that renewals are
 * spread.
 */
const SUGGESTED_LATER = 0.01;

/** The number of tries before a certificate expires: a renewal that fails once is retried. */
const TRIES = 2;

/**
 * The longest interval between two runs that leaves two tries of a renewal before the certificate expires, in
 * the unit of `renewBefore`.
 *
 * @param renewBefore the latest time before expiry at which renewal is due
 */
export function longestRunInterval(renewBefore: number): number {
  return renewBefore / TRIES;
}

/**
 * {@link longestRunInterval} for a certificate that is renewed when its CA suggests, or at the usual time.
 */
export function longestRunIntervalHours(lifetimeHours: number): number {
  return longestRunInterval((shareLeftAtRenewal(lifetimeHours) - SUGGESTED_LATER) * lifetimeHours);
}
