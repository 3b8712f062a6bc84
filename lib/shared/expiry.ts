import type { FullChain } from "./certificate-facts";

/** The validity of a certificate. */
export interface Expiry {
  readonly subject: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const TEN_DAYS_MS = 240 * 3_600_000;

/**
 * The validity of the certificate in a chain that expires first: from then on clients reject the whole chain.
 */
export function expiryOf({ leaf, chain }: FullChain): Expiry {
  return chain.reduce((first, next) => (next.notAfter < first.notAfter ? next : first), leaf);
}

/**
 * Whether a valid certificate needs attention: it is in the last third of its lifetime, or in its last ten
 * days if they begin later. Renewal tools commonly renew at two thirds of the lifetime.
 */
export function isSoon({ notBefore, notAfter }: Omit<Expiry, "subject">, at: Date): boolean {
  const notice = Math.min((+notAfter - +notBefore) / 3, TEN_DAYS_MS);
  return at <= notAfter && +notAfter - +at < notice;
}
