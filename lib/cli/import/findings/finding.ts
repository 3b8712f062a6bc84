/**
 * What follows from a finding, in the order in which reports show them.
 *
 * - `decision`: something has to be decided or done before the first deploy.
 * - `deploy`: the first deploy of the printed stack corrects it.
 * - `note`: nothing is wrong, but it should be known.
 */
export const FINDING_STATES = ["decision", "deploy", "note"] as const;

export type FindingState = (typeof FINDING_STATES)[number];

/** Codes are stable: docs/import.md lists them. */
export const FINDING_CODES = [
  "no-default",
  "defaults-differ",
  "served-default",
  "served-other",
  "overlapping-blocks",
  "conditional-certificate",
  "row-invalid",
  "name-invalid",
  "name-twice",
  "wildcard-left-out",
  "name-not-public",
  "ca-unknown",
  "row-without-files",
  "files-without-row",
  "certificate-ordered",
  "state-others",
  "pem-expired",
  "pem-not-yet-valid",
  "pem-key-mismatch",
  "pem-stale",
  "pem-weak",
  "pem-invalid",
  "pem-missing",
  "directory-closed",
  "key-readable",
  "name-without-dns",
  "renewer",
  "hook",
  "webroot",
  "server-unsupported",
  "not-read",
] as const;

export type FindingCode = (typeof FINDING_CODES)[number];

/** Something that was found on a host. */
export interface Finding {
  readonly code: FindingCode;
  readonly state: FindingState;
  /** One sentence: what is the case, and what that leads to. Without the names and paths below if they are many. */
  readonly problem: string;
  /** What to do. */
  readonly remedy: string;
  /** All host names that it is about. */
  readonly names: readonly string[];
  /** All files, lines or blocks that it is about. */
  readonly places: readonly string[];
}

/** A finding; what is left out of it is empty. */
export function finding(
  code: FindingCode,
  state: FindingState,
  problem: string,
  remedy: string,
  about: Partial<Pick<Finding, "names" | "places">> = {},
): Finding {
  return { code, state, problem, remedy, names: [], places: [], ...about };
}
