import type { IConstruct } from "constructs";
import type { MailSniError, SniRuleCode } from "../../../shared/errors";

/** What a rule has to say about a stack. */
export interface Finding {
  readonly code: SniRuleCode;
  readonly error: MailSniError;
  readonly severity: Severity;
  /** The construct that it is about, or the nearest one that has all of them below it. */
  readonly construct: IConstruct;
  /** Undefined for what somebody should know of. */
  readonly acknowledgement?: Acknowledgement;
  /** What it is about, each in a few words. */
  readonly subjects: readonly string[];
}

/** Whether the stack is refused. */
export type Severity = "error" | "warning";

/** Somebody's word that a rule does not matter below a construct. */
export interface Acknowledgement {
  readonly scope: IConstruct;
  readonly reason: string;
}
