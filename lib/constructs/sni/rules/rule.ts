import type { IConstruct } from "constructs";
import type { MailSniError, SniRuleCode } from "../../../shared/errors";
import type { ReviewedHost } from "./reviewed-host";

/** A rule that all hosts of a stack are checked against when the stack is synthesized. */
export interface SniRule<Detail> {
  readonly code: SniRuleCode;
  /** Finds the occurrences: all that a user may acknowledge separately. */
  find(hosts: readonly ReviewedHost[]): Occurrence<Detail>[];
  /**
   * Describes occurrences in one message.
   *
   * @param details of occurrences of one kind, at least one
   */
  describe(details: readonly Detail[]): MailSniError;
  /** Summarizes one occurrence for a line of the SNI table, in words that no other domain or host changes. */
  summarize(detail: Detail): string;
}

/** One breach of a rule. */
export interface Occurrence<Detail> {
  /**
   * The constructs concerned. An acknowledgement at or above any of them covers the occurrence. The message
   * is shown at the first.
   */
  readonly about: readonly [IConstruct, ...IConstruct[]];
  /**
   * The kind: occurrences of one kind share one message, so that a thousand domains with one flaw give one
   * message.
   */
  readonly kind: string;
  readonly detail: Detail;
  /**
   * Whether the occurrence applies to this machine. If not, it is not reported. An acknowledged one is in the
   * SNI table in any case, because the table must be the same on every machine.
   *
   * @default true
   */
  readonly isHere?: boolean;
}

/** The distinct values, in the order of their first occurrence. */
export function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
