import { longestRunInterval, renewalByLifetime } from "../../../shared/time/renewal-time";
import { ACME } from "../../messages/acme";
import type { Diagnostics } from "../../protocol/diagnostics";
import { DEFAULT_CRITICAL_FRACTION, type Values } from "./schema";
import { subjectOf } from "./title";

const HOUR_MS = 3_600_000;

/** Tolerance for rounding: states have whole seconds, and users often set the longest allowed interval. */
const ROUNDING_HOURS = 0.1;

/** The values that decide when a certificate is renewed, and whether a failed renewal is an error. */
export type Term = Pick<
  Values,
  "not_before" | "not_after" | "renew_at" | "run_interval_hours" | "critical_fraction"
>;

/**
 * Whether a run renews: the renewal time has passed, or the certificate would expire before the next run. The
 * latter does not count in the first half of the lifetime: with a wrong interval each run would order a new
 * one.
 */
export function isRenewalDue(term: Term, now = Date.now()): boolean {
  const { from, until, intervalMs } = timesOf(term);
  if (term.renew_at !== null && now >= Date.parse(term.renew_at)) return true;
  return intervalMs > 0 && now + intervalMs >= until && now - from >= (until - from) / 2;
}

/**
 * Whether a renewal is due by the CA's clock too, when that of this machine is ahead of it, and the next certificate would not be due
 * here at once. So a clock that stays wrong does not let certificates expire, and no apply orders what the last one has ordered.
 */
export function isDueByBothClocks(term: Term, caTime: Date, now = Date.now()): boolean {
  const { from, until } = timesOf(term);
  const next = { notBefore: caTime, notAfter: new Date(+caTime + until - from) };
  return +caTime <= now && isRenewalDue(term, +caTime) && now < +renewalByLifetime(next);
}

/** Whether a renewal that fails now is a warning, because the next run can retry it. */
export function hasTime(term: Term, now = Date.now()): boolean {
  const { from, until, intervalMs } = timesOf(term);
  const critical = term.critical_fraction ?? DEFAULT_CRITICAL_FRACTION;
  return until - now > Math.max(critical * (until - from), intervalMs);
}

/** Warns if the certificate could expire before a failed renewal is retried. */
export function warnOfRareRuns(
  term: Term & Pick<Values, "names" | "optional_names">,
  diagnostics: Diagnostics,
): void {
  const { from, until, intervalMs } = timesOf(term);
  if (intervalMs === 0 || term.renew_at === null) return;
  const longest = longestRunInterval(until - Date.parse(term.renew_at)) / HOUR_MS;
  if (intervalMs / HOUR_MS <= longest + ROUNDING_HOURS) return;
  const hours = (milliseconds: number) => Math.round((milliseconds / HOUR_MS) * 10) / 10;
  const remedy =
    longest >= 0.1
      ? `Run one at least every ${Math.floor(longest * 10) / 10} hours, and set run_interval_hours to that`
      : "No interval is short enough for that: have the CA issue certificates that are valid for longer";
  diagnostics.warning(
    ACME.mayExpireBetweenRuns(subjectOf(term)),
    `It is valid for ${hours(until - from)} hours and is due for renewal at ${term.renew_at}, ` +
      `${hours(until - Date.parse(term.renew_at))} hours before its end, but an apply runs every ${hours(intervalMs)} hours ` +
      `(run_interval_hours). A renewal that fails once may not be tried again in time. ${remedy}.`,
    ["run_interval_hours"],
  );
}

function timesOf({ not_before, not_after, run_interval_hours: hours }: Term) {
  return {
    from: Date.parse(String(not_before)),
    until: Date.parse(String(not_after)),
    intervalMs: (hours ?? 0) * HOUR_MS,
  };
}
