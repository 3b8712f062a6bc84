import { rfc3339 } from "../../../shared/time/rfc3339";
import { omission } from "../../engine/diagnostics";
import { daysLeft } from "../../output/days-left";
import { EXIT } from "../../process/exit-code";
import type { StateOptions } from "../../status/overview/certificate-state";
import { type DomainStatus, Overview } from "../../status/overview/overview";
import type { StackRun } from "./stack-run";

export interface TroubleOptions extends StateOptions {
  /** A certificate that is due and ends within so many days is an error. */
  readonly warnDays: number;
}

/**
 * What is wrong after the run: late renewals, what is pending, hosts that were not reached, and public facts and messages of the
 * engine that are not known.
 */
export function troublesOf(run: StackRun, options: TroubleOptions): readonly string[] {
  return [
    ...unknownIn(run),
    ...lateIn(run, options),
    ...pendingIn(run),
    ...unreachedIn(run),
    ...unreadIn(run),
  ];
}

/** Without the facts, all would seem well. */
function unknownIn({ factsProblem }: StackRun): string[] {
  if (factsProblem === null) return [];
  return [`Which certificates are near their end, and what is pending, is not known: ${factsProblem}`];
}

/** The first certificate to end. Null if no certificate has a known end. */
export function firstExpiry({ facts, stack }: StackRun, options: StateOptions): DomainStatus | null {
  if (facts === null) return null;
  const ending = new Overview([{ stack, facts }], [], options).domains.filter(({ notAfter }) => notAfter);
  return ending.reduce<DomainStatus | null>(
    (first, one) => (first === null || Number(one.notAfter) < Number(first.notAfter) ? one : first),
    null,
  );
}

function lateIn({ facts, stack }: StackRun, options: TroubleOptions): string[] {
  if (facts === null) return [];
  const { domains } = new Overview([{ stack, facts }], [], options);
  return domains.flatMap((domain) => {
    const problem = lateness(domain, options);
    return problem === null ? [] : [`${domain.domain} ${problem}`];
  });
}

function lateness(
  { state, notAfter, renewAt }: DomainStatus,
  { at, warnDays }: TroubleOptions,
): string | null {
  if (notAfter === null) return null;
  const days = daysLeft(notAfter, at);
  if (state === "expired") return `expired at ${rfc3339(notAfter)}`;
  const isLate = state === "overdue" || (state === "due" && days < warnDays);
  if (!isLate || renewAt === null) return null;
  return `expires in ${days} d, at ${rfc3339(notAfter)}; its renewal has been due since ${rfc3339(renewAt)}`;
}

function pendingIn({ facts }: StackRun): string[] {
  return [...(facts?.pending ?? [])].flatMap(([host, pending]) =>
    pending.map((text) => `Pending on ${host}: ${text}`),
  );
}

/** The provider's warning of a host that a plan could not reach or check. */
const UNREACHED = /^Host ".*: its last known state is used$/s;

function unreachedIn({ diagnostics }: StackRun): string[] {
  return diagnostics
    .filter(({ severity, summary }) => severity === "warning" && UNREACHED.test(summary))
    .map(({ summary }) => summary);
}

/** Without the messages, each host would seem to have been reached. */
function unreadIn({ omittedDiagnostics: omitted }: StackRun): string[] {
  if (omitted === 0) return [];
  return [`Whether each host was reached is not known: ${omission(omitted)}`];
}

/** The most urgent first: a run of several stacks ends with the first that one of them has. */
const BY_URGENCY: readonly number[] = [EXIT.WRONG, EXIT.REFUSED, EXIT.NOT_CHECKED, EXIT.OK];

/** The exit status of a whole run. */
export function exitCodeOf(runs: readonly StackRun[], options: TroubleOptions): number {
  const statuses = runs.map((run) => statusOf(run, options));
  return BY_URGENCY.find((status) => statuses.includes(status)) ?? EXIT.NOT_CHECKED;
}

/** The exit status if the stack were the only one. */
export function statusOf(run: StackRun, options: TroubleOptions): number {
  const { outcome, verification } = run;
  switch (outcome.kind) {
    case "unplanned":
      return EXIT.NOT_CHECKED;
    case "refused":
      return EXIT.REFUSED;
    case "stopped":
      return outcome.hasBegun ? EXIT.WRONG : EXIT.NOT_CHECKED;
    case "failed":
    case "stale":
      return EXIT.WRONG;
    case "unchanged":
    case "applied":
      return troublesOf(run, options).length > 0 ? EXIT.WRONG : verification.exitCode;
  }
}
