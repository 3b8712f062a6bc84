import type { FullChain } from "./certificate-facts";

/** How long a certificate is valid. */
export interface Expiry {
  readonly subject: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const TEN_DAYS_MS = 240 * 3_600_000;

/** The validity of the certificate of a chain that ends first: from then on clients refuse all of it. */
export function expiryOf({ leaf, chain }: FullChain): Expiry {
  return chain.reduce((first, next) => (next.notAfter < first.notAfter ? next : first), leaf);
}

/**
 * Whether a certificate that is valid needs attention: in the last third of its lifetime, or in its last ten days where
 * that is later. What renews certificates commonly does so at two thirds of their lifetime.
 */
export function isSoon({ notBefore, notAfter }: Omit<Expiry, "subject">, at: Date): boolean {
  const notice = Math.min((+notAfter - +notBefore) / 3, TEN_DAYS_MS);
  return at <= notAfter && +notAfter - +at < notice;
}
