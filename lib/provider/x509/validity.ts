const HOUR_MS = 3_600_000;

/** How far a validity begins in the past, for hosts and clients with slow clocks. */
const BACKDATED_MS = 300_000;

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/**
 * A validity of `hours` from now, but not beyond the issuer's own.
 *
 * @param issuerEnds @default no limit
 */
export function validityFrom(now: Date, hours: number, issuerEnds?: Date): Validity {
  const wanted = new Date(+now + hours * HOUR_MS);
  const notAfter = issuerEnds !== undefined && issuerEnds < wanted ? issuerEnds : wanted;
  return { notBefore: wholeSeconds(new Date(+now - BACKDATED_MS)), notAfter: wholeSeconds(notAfter) };
}

/**
 * When to renew a certificate: a number of hours before its end. If the issuer's end cuts the validity short,
 * the renewal is proportionally later; otherwise it would be due again at every run.
 */
export function renewalTime(
  { notBefore, notAfter }: Validity,
  validityHours: number,
  renewBeforeHours: number,
): Date {
  const lifetime = +notAfter - +notBefore - BACKDATED_MS;
  const share = Math.min(1, lifetime / (validityHours * HOUR_MS));
  return wholeSeconds(new Date(+notAfter - renewBeforeHours * HOUR_MS * share));
}

function wholeSeconds(date: Date): Date {
  return new Date(Math.floor(+date / 1000) * 1000);
}
