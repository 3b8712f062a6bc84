import { MailSniError } from "./mail-sni-error";
import { listed, quote } from "./wording";

/** Errors of `SniRules.acknowledge`. */
export const acknowledgementErrors = {
  mandatory: (code: string) =>
    new MailSniError(
      "RULE_MANDATORY",
      `The rule ${code} cannot be acknowledged: it refuses what cannot work, or would not be safe.`,
      "Do what its message says.",
    ),
  unknown: (code: string, known: readonly string[]) =>
    new MailSniError(
      "RULE_UNKNOWN",
      `There is no rule ${quote(code)}.`,
      `Write the code that stands at the end of the message: one of ${listed(known)}.`,
    ),
  reasonEmpty: (code: string) =>
    new MailSniError(
      "RULE_REASON_EMPTY",
      `No reason is given why the rule ${code} does not matter here.`,
      "Give the reason, in a sentence for those who review the SNI table.",
    ),
};
