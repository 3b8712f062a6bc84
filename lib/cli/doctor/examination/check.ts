import type { Finding } from "./finding";

/** One thing that would break a deploy, and how to see it. A check changes nothing, unless its description says so. */
export interface Check<Subject> {
  /** The name in reports. Names are stable: docs/doctor.md lists them. */
  readonly id: string;
  /** What it looks at: a phrase for the table in docs/doctor.md. */
  readonly looksAt: string;
  /** What it reports, for the same table. */
  readonly reports: string;
  /**
   * Looks at one subject. What is thrown becomes a finding of the check.
   *
   * @returns one finding at least
   */
  findings(subject: Subject): Promise<readonly Finding[]> | readonly Finding[];
}
