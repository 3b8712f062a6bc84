import type { IConstruct } from "constructs";
import { acknowledgementErrors, type SniRuleCode } from "../../../shared/errors";
import { RULES } from "../rules";
import { acknowledge } from "./acknowledgements";

/**
 * The rules by which mail hosts are looked at when their stack is synthesized, and what somebody knows better.
 *
 * @see docs/rules.md, which has each with its reason and remedy
 */
export class SniRules {
  /** Those for a construct and everything below it: an app, a stack, a host, a `MailSni`, a mail domain. */
  public static of(scope: IConstruct): SniRules {
    return new SniRules(scope);
  }

  private constructor(private readonly scope: IConstruct) {}

  /**
   * Has a rule not be applied, to what is declared before or after. What it would have said stays visible in the table of
   * who is served what, with the reason.
   *
   * @param reason for those who read that: why it does not matter here
   * @throws MailSniError `RULE_MANDATORY` for rules whose breach cannot work, `RULE_REASON_EMPTY`, `RULE_UNKNOWN`
   */
  public acknowledge(code: SniRuleCode, reason: string): SniRules {
    if (MANDATORY.includes(code)) throw acknowledgementErrors.mandatory(code);
    if (!WARNINGS.includes(code)) throw acknowledgementErrors.unknown(code, WARNINGS);
    if (reason.trim() === "") throw acknowledgementErrors.reasonEmpty(code);
    acknowledge(this.scope, code, reason.trim());
    return this;
  }
}

const MANDATORY: readonly SniRuleCode[] = [
  "SNI001",
  "SNI002",
  "SNI003",
  "SNI004",
  // The provider refuses such a name as well, when it finds the block on the host.
  "SNI007",
  "SNI010",
  "SNI011",
  "SNI012",
  "SNI013",
];
const WARNINGS: readonly SniRuleCode[] = RULES.flatMap(({ code, severity }) =>
  severity === "warning" ? [code] : [],
);
