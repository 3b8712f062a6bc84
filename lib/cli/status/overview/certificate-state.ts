import type { CertificateFact } from "../../inputs/public-facts";

/**
 * The states of a certificate, the most urgent first.
 *
 * `overdue`: the renewal fell due more than two run intervals ago, so two runs at least should have
 * renewed it. `unknown`: the stack does not issue the certificate, so nothing says when it ends. Certificates that a mail host
 * issues itself are among them.
 */
export const CERTIFICATE_STATES = ["expired", "overdue", "due", "current", "unknown"] as const;

export type CertificateState = (typeof CERTIFICATE_STATES)[number];

/** How many intervals a renewal may be late: a run that fails once is repeated by the next. */
const INTERVALS = 2;

export interface StateOptions {
  readonly at: Date;
  /** The time between two runs that renew certificates. */
  readonly runIntervalMs: number;
}

export function certificateState(
  { notAfter, renewAt }: CertificateFact,
  { at, runIntervalMs }: StateOptions,
): CertificateState {
  if (notAfter === null) return "unknown";
  if (notAfter <= at) return "expired";
  const lateMs = renewAt === null ? Number.NEGATIVE_INFINITY : +at - +renewAt;
  if (lateMs > INTERVALS * runIntervalMs) return "overdue";
  return lateMs >= 0 ? "due" : "current";
}
