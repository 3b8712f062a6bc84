import type { IConstruct } from "constructs";
import type { MailSniError, SniRuleCode } from "../../../shared/errors";
import type { Severity } from "./finding";
import type { ReviewedHost } from "./reviewed-host";

/** Something that all hosts of a stack are looked at for when it is synthesized. */
export interface SniRule<Detail> {
  readonly code: SniRuleCode;
  readonly severity: Severity;
  /** Everything that somebody may acknowledge by itself. */
  find(hosts: readonly ReviewedHost[]): Occurrence<Detail>[];
  /** @param details of occurrences of one kind, at least one */
  describe(details: readonly Detail[]): MailSniError;
  /** One of them in a few words, which no other domain or host changes: a line of the table. */
  summarize(detail: Detail): string;
}

/** Where a rule is broken. */
export interface Occurrence<Detail> {
  /** An acknowledgement at or above any of these holds for it. The message is shown at the first. */
  readonly about: readonly [IConstruct, ...IConstruct[]];
  /** What is of one kind is said in one message, so that a thousand domains with one flaw are one. */
  readonly kind: string;
  readonly detail: Detail;
  /**
   * False where this machine shows nothing of it: nothing is said then, and the table has it still where it is acknowledged,
   * since that has to be the same everywhere.
   *
   * @default true
   */
  readonly isHere?: boolean;
}

/** In the order of their first occurrence. */
export function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
