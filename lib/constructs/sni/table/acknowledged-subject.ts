import type { SniRuleCode } from "../../../shared/errors";

/** An acknowledged finding, as the SNI table shows it. */
export interface AcknowledgedSubject {
  readonly code: SniRuleCode;
  /** The path of the construct at which it is acknowledged; `the app` for the app itself. */
  readonly at: string;
  readonly reason: string;
  readonly subject: string;
}
