import { printable, printableLine } from "../../../shared/text/printable";
import { truncated } from "../../../shared/text/truncated";

/**
 * The states of a finding, in the order in which reports show them.
 *
 * - `error`: a deploy would fail, or would lose something.
 * - `warning`: a deploy works, and something beside it is wrong or will be.
 * - `skipped`: the check could not be made, for the reason that it gives.
 * - `ok`: nothing is wrong.
 */
export const FINDING_STATES = ["error", "warning", "skipped", "ok"] as const;

export type FindingState = (typeof FINDING_STATES)[number];

/** What a check has found. */
export type Finding = Problem | Skipped | Well;

export interface Problem {
  readonly state: "error" | "warning";
  /** One line: what is wrong, and what that leads to. */
  readonly problem: string;
  /** What to do: sentences, perhaps with lines to paste. */
  readonly remedy: string;
}

export interface Skipped {
  readonly state: "skipped";
  /** One line. */
  readonly reason: string;
}

export interface Well {
  readonly state: "ok";
  /** One line: what was seen. */
  readonly fact: string;
}

/** Far above what a sentence has. Hosts, CAs and files can make a message longer. */
const MOST_CHARACTERS = 4000;

/** A deploy would fail, or would lose something. */
export function failure(problem: string, remedy: string): Problem {
  return { state: "error", problem: line(problem), remedy: text(remedy) };
}

export function warning(problem: string, remedy: string): Problem {
  return { state: "warning", problem: line(problem), remedy: text(remedy) };
}

export function skipped(reason: string): Skipped {
  return { state: "skipped", reason: line(reason) };
}

export function well(fact: string): Well {
  return { state: "ok", fact: line(fact) };
}

/** The findings of a check that looks at several things; if nothing is wrong, that alone. */
export function orWell(problems: readonly Finding[], fact: string): readonly Finding[] {
  return problems.length > 0 ? problems : [well(fact)];
}

function line(given: string): string {
  return printableLine(truncated(given, MOST_CHARACTERS));
}

function text(given: string): string {
  return printable(truncated(given, MOST_CHARACTERS));
}

/** The finding as a sentence. */
export function withoutRemedy(finding: Finding): string {
  if (finding.state === "ok") return `${finding.fact}.`;
  return finding.state === "skipped" ? `${finding.reason}.` : finding.problem;
}
