const HOUR_MS = 3_600_000;

/** How far a validity begins in the past, for hosts and clients whose clocks are behind. */
const BACKDATED_MS = 300_000;

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/**
 * A validity of so many hours from now, or until the issuer's own end where that comes earlier.
 *
 * @param issuerEnds @default no limit
 */
export function validityFrom(now: Date, hours: number, issuerEnds?: Date): Validity {
  const wanted = new Date(+now + hours * HOUR_MS);
  const notAfter = issuerEnds !== undefined && issuerEnds < wanted ? issuerEnds : wanted;
  return { notBefore: wholeSeconds(new Date(+now - BACKDATED_MS)), notAfter: wholeSeconds(notAfter) };
}

/**
 * When a certificate is to be renewed: so many hours before its end. One that its issuer's end has cut short is
 * renewed proportionally later, or it would be due on the day of its issue, at every run.
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
