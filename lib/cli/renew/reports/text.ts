import { listed } from "../../../shared/errors/wording";
import { printableLine } from "../../../shared/text/printable";
import { truncated } from "../../../shared/text/truncated";
import { rfc3339 } from "../../../shared/time/rfc3339";
import type { EngineDiagnostic } from "../../engine/diagnostics";
import { daysLeft } from "../../output/days-left";
import { plural } from "../../output/plural";
import type { StackRun } from "../outcome/stack-run";
import { firstExpiry, type TroubleOptions, troublesOf } from "../outcome/troubles";
import { refusalLines, waysOut } from "./refusals";

export interface TextOptions extends TroubleOptions {
  /** The directory of `--from`; null without it. */
  readonly from: string | null;
}

const MOST_LINES = 30;
const MOST_CHARACTERS = 600;
/** The width of the longest label. */
const LABEL_WIDTH = 7;

/** A report for a log or a mail. Each stack begins with a line that makes sense alone. */
export function textReport(runs: readonly StackRun[], options: TextOptions): string {
  return `${runs.flatMap((run) => stackLines(run, options)).join("\n")}\n`;
}

function stackLines(run: StackRun, options: TextOptions): string[] {
  const { outcome, diagnostics } = run;
  return [
    `${clean(run.stack)}: ${headline(run)}`,
    ...bounded(outcome.kind === "refused" ? refusalLines(outcome.refusals) : []),
    ...bounded(
      errorsFirst(diagnostics).map(({ severity, summary, detail }) =>
        labelled(severity, sentence(summary, detail)),
      ),
    ),
    ...bounded(troublesOf(run, options).map((trouble) => labelled("error", trouble))),
    ...(outcome.kind === "refused" ? [waiting(run)] : []),
    ...verificationLines(run),
    ...expiryLines(run, options),
    ...(outcome.kind === "refused" ? waysOut(outcome.refusals, run.stack, options.from) : []),
  ].map((line) => clean(line));
}

function headline(run: StackRun): string {
  const { outcome } = run;
  switch (outcome.kind) {
    case "unplanned":
      return `nothing was renewed: ${outcome.problem}`;
    case "refused":
      return `nothing was applied: the plan has ${plural(outcome.refusals.length, "change")} that must not be made unattended.`;
    case "unchanged":
      return "no renewal is due, and there is nothing else to do.";
    case "applied":
      return appliedHeadline(run);
    case "failed":
      return `the apply failed${outcome.problem === null ? "" : `: ${outcome.problem}`}. Finished changes stay in place, and the next run continues. Due: ${dueIn(run)}.`;
    case "stale":
      return "nothing was applied: another run changed the state after this one had planned. Run it again.";
    case "stopped":
      return outcome.hasBegun
        ? "stopped by a signal during the apply: the engine finished the changes that it had begun. Run it again."
        : "stopped by a signal: nothing was applied.";
  }
}

function appliedHeadline({ renewed, due }: StackRun): string {
  if (renewed === null) return `applied. Due: ${listed(due)}.`;
  if (renewed.length > 0) return `${plural(renewed.length, "certificate")} renewed: ${listed(renewed)}.`;
  return due.length > 0
    ? `applied, but not renewed: ${listed(due)}. The current certificates stay in use.`
    : "applied: what was pending or missing on hosts is complete. No renewal was due.";
}

function dueIn({ due }: StackRun): string {
  return listed(due, "no renewal");
}

/** Whatever else is due waits for what was refused. */
function waiting({ due }: StackRun): string {
  return due.length > 0 ? `Due, and not renewed because of this: ${listed(due)}.` : "No renewal is due yet.";
}

function verificationLines({ verification, factsProblem, stack }: StackRun): string[] {
  if (verification.kind === "skipped") return [`Not verified: ${verification.reason}.`];
  const { lines, totals, isWithoutFacts } = verification;
  const reason = factsProblem === null ? "is older than this apply" : "cannot be read";
  const without = isWithoutFacts
    ? ` Certificates were not compared with those that the stack issued, because its output mail_sni ${reason}.`
    : "";
  const more = `mail-sni verify --through-ssh --stack ${stack} shows each.`;
  return [...bounded(lines, more), `Verified: ${totals}${without}`];
}

function expiryLines(run: StackRun, options: TextOptions): string[] {
  if (run.factsProblem !== null) return ["First expiry: not known."];
  const first = firstExpiry(run, options);
  if (first?.notAfter == null) return [];
  const left = daysLeft(first.notAfter, options.at);
  const age = run.renewed === null ? " (before this run)" : "";
  return [`First expiry${age}: ${first.domain} in ${left} d, at ${rfc3339(first.notAfter)}.`];
}

function errorsFirst(diagnostics: readonly EngineDiagnostic[]): EngineDiagnostic[] {
  const of = (severity: string) => diagnostics.filter((one) => one.severity === severity);
  return [...of("error"), ...of("warning")];
}

/** @param more is said of the lines that are left out */
function bounded(lines: readonly string[], more = ""): string[] {
  const left = lines.length - MOST_LINES;
  return left > 0 ? [...lines.slice(0, MOST_LINES), `… and ${left} more. ${more}`.trim()] : [...lines];
}

function sentence(summary: string, detail: string): string {
  return detail === "" ? summary : `${summary}: ${detail.replace(/\s+/g, " ")}`;
}

function labelled(label: string, text: string): string {
  return `${label.padEnd(LABEL_WIDTH)} ${text}`;
}

/** Text from hosts, states and engines, on one line. */
function clean(text: string): string {
  return truncated(printableLine(text), MOST_CHARACTERS);
}
