const DAY_MS = 86_400_000;

/** Whole days until a certificate ends; negative after that. */
export function daysLeft(notAfter: Date, at: Date): number {
  return Math.floor((+notAfter - +at) / DAY_MS);
}
