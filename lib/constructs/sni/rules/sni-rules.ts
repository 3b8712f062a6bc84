import type { IConstruct } from "constructs";
import { acknowledgementErrors, type SniRuleCode } from "../../../shared/errors";
import { acknowledge } from "./acknowledgements";
import { SEVERITIES } from "./severity";

/**
 * The rules that the mail hosts of a stack are checked against when the stack is synthesized. You can
 * acknowledge a rule that does not matter in your case.
 *
 * @see docs/rules.md, which has each rule with its reason and remedy
 */
export class SniRules {
  /**
   * The rules for a construct and everything below it: an app, a stack, a host, a `MailSni`, a mail domain.
   */
  public static of(scope: IConstruct): SniRules {
    return new SniRules(scope);
  }

  private constructor(private readonly scope: IConstruct) {}

  /**
   * Acknowledges a rule: it is no longer applied to what is below the construct, declared before or after.
   * The SNI table still shows each acknowledged finding, with the reason.
   *
   * @param reason why the rule does not matter here, for the readers of the SNI table
   * @throws MailSniError `RULE_MANDATORY` for rules whose breach cannot work, `RULE_REASON_EMPTY`,
   *   `RULE_UNKNOWN`
   */
  public acknowledge(code: SniRuleCode, reason: string): SniRules {
    if (SEVERITIES[code] === "error") throw acknowledgementErrors.mandatory(code);
    if (!WARNINGS.includes(code)) throw acknowledgementErrors.unknown(code, WARNINGS);
    if (reason.trim() === "") throw acknowledgementErrors.reasonEmpty(code);
    acknowledge(this.scope, code, reason.trim());
    return this;
  }
}

/** The rules that can be acknowledged. */
const WARNINGS = Object.entries(SEVERITIES).flatMap(([code, severity]) =>
  severity === "warning" ? [code] : [],
);
