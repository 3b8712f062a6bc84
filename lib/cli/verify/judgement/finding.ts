import { printableLine } from "../../../shared/printable";

/** In the order in which they are shown. */
export const SEVERITIES = ["error", "warning", "note"] as const;

/**
 * - `error`: clients that check certificates fail, or are presented another certificate than is declared.
 * - `warning`: some clients fail, or will fail soon.
 * - `note`: worth knowing, and nothing has to be done.
 */
export type Severity = (typeof SEVERITIES)[number];

/** What is wrong with one handshake. Codes are stable: docs/verify.md has each of them. */
export const FINDING_CODES = [
  "VERIFY_WRONG_CERTIFICATE",
  "VERIFY_NAME_NOT_COVERED",
  "VERIFY_EXPIRED",
  "VERIFY_NOT_YET_VALID",
  "VERIFY_EXPIRES_SOON",
  "VERIFY_UNTRUSTED",
  "VERIFY_CHAIN_INCOMPLETE",
  "VERIFY_CHAIN_ORDER",
  "VERIFY_CHAIN_SURPLUS",
  "VERIFY_WEAK_SIGNATURE",
  "VERIFY_WEAK_KEY",
  "VERIFY_NOT_FOR_SERVERS",
  "VERIFY_REVOKED",
  "VERIFY_REVOCATION_UNKNOWN",
  "VERIFY_TLS_VERSION",
  "VERIFY_NO_ADDRESS",
  "VERIFY_NO_ANSWER",
  "VERIFY_NO_STARTTLS",
  "VERIFY_NOT_TLS",
  "VERIFY_PROTOCOL",
  "VERIFY_ALERT",
  "VERIFY_NOT_REFUSED",
  "VERIFY_CASE",
] as const;

export type FindingCode = (typeof FINDING_CODES)[number];

export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** What is served, and what should be, in one sentence. */
  readonly problem: string;
  /** What to do, in one sentence. */
  readonly remedy: string;
}

/** What servers say is in the sentences: they are cleaned here, for every report. */
export function finding(severity: Severity, code: FindingCode, problem: string, remedy: string): Finding {
  return { code, severity, problem: printableLine(problem), remedy: printableLine(remedy) };
}
