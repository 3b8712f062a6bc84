import { printableLine } from "../../../shared/text/printable";
import { rfc3339 } from "../../../shared/time/rfc3339";
import { daysLeft } from "../../output/days-left";
import type { StackRun } from "../outcome/stack-run";
import { exitCodeOf, firstExpiry, statusOf, type TroubleOptions, troublesOf } from "../outcome/troubles";
import type { Verification } from "../outcome/verification";

/** One JSON document; its schema is `renew.schema.json` beside the program. */
export function jsonReport(runs: readonly StackRun[], options: TroubleOptions): string {
  const document = {
    version: 1,
    at: rfc3339(options.at),
    stacks: runs.map((run) => stackObject(run, options)),
    summary: { exitCode: exitCodeOf(runs, options) },
  };
  // Control characters are escaped as JSON, so that the values do not change.
  return `${printableLine(JSON.stringify(document))}\n`;
}

function stackObject(run: StackRun, options: TroubleOptions): object {
  const { stack, outcome, due, renewed, diagnostics, omittedDiagnostics, factsProblem, verification } = run;
  return {
    stack,
    outcome: outcome.kind,
    problem: "problem" in outcome ? outcome.problem : null,
    due,
    renewed,
    refusals: outcome.kind === "refused" ? outcome.refusals : [],
    diagnostics,
    omittedDiagnostics,
    troubles: troublesOf(run, options),
    factsProblem,
    firstExpiry: expiryObject(run, options),
    verification: verificationObject(verification),
    exitCode: statusOf(run, options),
  };
}

function expiryObject(run: StackRun, options: TroubleOptions): object | null {
  const first = firstExpiry(run, options);
  if (first?.notAfter == null) return null;
  const { domain, notAfter } = first;
  return { domain, notAfter: rfc3339(notAfter), daysLeft: daysLeft(notAfter, options.at) };
}

function verificationObject(verification: Verification): object {
  if (verification.kind === "skipped") {
    return { done: false, reason: verification.reason, withoutFacts: false, lines: [] };
  }
  const { totals, isWithoutFacts, lines } = verification;
  return { done: true, reason: totals, withoutFacts: isWithoutFacts, lines };
}
