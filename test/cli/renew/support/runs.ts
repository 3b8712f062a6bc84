import type { PublicFacts } from "../../../../lib/cli/inputs/public-facts";
import type { StackRun } from "../../../../lib/cli/renew/outcome/stack-run";
import type { TroubleOptions } from "../../../../lib/cli/renew/outcome/troubles";

const DAY_MS = 86_400_000;
export const AT = new Date("2026-12-01T00:00:00Z");

const inDays = (days: number) => new Date(+AT + days * DAY_MS);

/** Facts with certificates that end and are due in so many days. */
export function facts(
  certificates: Readonly<Record<string, readonly [end: number, due: number]>>,
  pending: Readonly<Record<string, readonly string[]>> = { mx1: [] },
): PublicFacts {
  return {
    certificates: new Map(
      Object.entries(certificates).map(([domain, [end, due]]) => [
        domain,
        {
          fingerprintSha256: "0".repeat(64),
          issuer: null,
          hosts: [],
          notAfter: inDays(end),
          renewAt: inDays(due),
        },
      ]),
    ),
    pending: new Map(Object.entries(pending)),
  };
}

export const options: TroubleOptions = { at: AT, runIntervalMs: DAY_MS, warnDays: 7 };

/** A run that had nothing to do, and found everything right. */
export function stackRun(different: Partial<StackRun> = {}): StackRun {
  return {
    stack: "mail",
    outcome: { kind: "unchanged" },
    due: [],
    renewed: [],
    diagnostics: [],
    omittedDiagnostics: 0,
    facts: facts({ "domain1.tld": [60, 30] }),
    factsProblem: null,
    verification: {
      kind: "verified",
      lines: [],
      totals: "9 of 9 handshakes are right; 0 errors, 0 warnings, 0 notes.",
      isWithoutFacts: false,
      exitCode: 0,
    },
    ...different,
  };
}
