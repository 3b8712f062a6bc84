import { printableLine } from "../../../shared/text/printable";

/** The severities, in the order in which reports show them. */
export const SEVERITIES = ["error", "warning", "note"] as const;

/**
 * - `error`: clients that check certificates fail, or are presented another certificate than is declared.
 * - `warning`: some clients fail, or will fail soon.
 * - `note`: worth knowing; no action is required.
 */
export type Severity = (typeof SEVERITIES)[number];

/** The codes of findings about one handshake. Codes are stable: docs/verify.md lists them. */
export const FINDING_CODES = [
  "VERIFY_WRONG_CERTIFICATE",
  "VERIFY_NAME_NOT_COVERED",
  "VERIFY_EXPIRED",
  "VERIFY_NOT_YET_VALID",
  "VERIFY_DATES_UNREADABLE",
  "VERIFY_EXPIRES_SOON",
  "VERIFY_UNTRUSTED",
  "VERIFY_CHAIN_INCOMPLETE",
  "VERIFY_CHAIN_ORDER",
  "VERIFY_CHAIN_SURPLUS",
  "VERIFY_WEAK_SIGNATURE",
  "VERIFY_WEAK_KEY",
  "VERIFY_NOT_FOR_SERVERS",
  "VERIFY_ISSUER_NOT_A_CA",
  "VERIFY_ISSUER_MISMATCH",
  "VERIFY_PATH_TOO_LONG",
  "VERIFY_NAME_NOT_PERMITTED",
  "VERIFY_EXTENSION_UNKNOWN",
  "VERIFY_EXTENSION_UNREADABLE",
  "VERIFY_REVOKED",
  "VERIFY_REVOCATION_UNKNOWN",
  "VERIFY_TLS_VERSION",
  "VERIFY_NO_ADDRESS",
  "VERIFY_NO_ANSWER",
  "VERIFY_NO_STARTTLS",
  "VERIFY_PORT_UNUSED",
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
  /** One sentence: the certificate that is served, and the expected one. */
  readonly problem: string;
  /** One sentence: the remedy. */
  readonly remedy: string;
}

/** Creates a finding. Removes control characters, since the sentences contain text from servers. */
export function finding(severity: Severity, code: FindingCode, problem: string, remedy: string): Finding {
  return { code, severity, problem: printableLine(problem), remedy: printableLine(remedy) };
}
