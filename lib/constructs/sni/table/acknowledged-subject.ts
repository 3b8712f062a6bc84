import type { SniRuleCode } from "../../../shared/errors";

/** Something that somebody knows of, as tables show it. */
export interface AcknowledgedSubject {
  readonly code: SniRuleCode;
  /** Path of the construct at which it is acknowledged; `the app` for that itself. */
  readonly at: string;
  readonly reason: string;
  readonly subject: string;
}
