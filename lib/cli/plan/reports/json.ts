import { printableLine } from "../../../shared/text/printable";
import { rfc3339 } from "../../../shared/time/rfc3339";
import { plainLine } from "../../output/line";
import type { DomainChange } from "../changes/domain-changes";
import type { PlanChanges } from "../changes/plan-changes";

/**
 * One JSON document with everything; its schema is `plan.schema.json` beside the program.
 *
 * @param at when the plans were made
 */
export function jsonReport(
  { reasons, domains, ...changes }: PlanChanges,
  at: Date,
  exitCode: number,
): string {
  const document = {
    version: 1,
    at: rfc3339(at),
    ...changes,
    reasons: reasons.map(({ risk, stack, text }) => ({ risk, stack, text: plainLine(text) })),
    domains: domains.map(domainObject),
    summary: {
      domains: domains.length,
      hosts: changes.hosts.length,
      names: changes.served?.names.reduce((sum, { names }) => sum + names.length, 0) ?? null,
      exitCode,
    },
  };
  // Control characters are escaped as JSON, so that the values do not change.
  return `${printableLine(JSON.stringify(document))}\n`;
}

function domainObject({ notAfter, ...domain }: DomainChange): object {
  return { ...domain, notAfter: notAfter === null ? null : rfc3339(notAfter) };
}
