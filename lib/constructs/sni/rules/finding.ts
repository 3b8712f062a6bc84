import type { IConstruct } from "constructs";
import type { MailSniError, SniRuleCode } from "../../../shared/errors";
import type { Severity } from "./severity";

/** A breach of a rule in a stack. */
export interface Finding {
  readonly code: SniRuleCode;
  readonly error: MailSniError;
  readonly severity: Severity;
  /** The construct that the finding is about, or the nearest one above all of them. */
  readonly construct: IConstruct;
  /** The acknowledgement of the rule; undefined if the finding is to be reported. */
  readonly acknowledgement?: Acknowledgement;
  /** The subjects of the finding, each in a few words. */
  readonly subjects: readonly string[];
}

/** The user's declaration that a rule does not matter below a construct. */
export interface Acknowledgement {
  readonly scope: IConstruct;
  readonly reason: string;
}
