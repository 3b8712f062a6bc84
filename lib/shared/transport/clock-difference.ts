import { clockApart } from "../clock-apart";
import type { Answer } from "./session";

/** More than the clocks of two machines with NTP ever differ, or than a slow connection delays the answer. */
const MOST_APART_MS = 300_000;

/** How far the clock of a host is from that of this machine. */
export interface ClockDifference {
  /** The time there. */
  readonly there: Date;
  /** Such as `3 hours ahead`. */
  readonly apart: string;
}

/** @param answer of the verb `clock`. @returns undefined if the clocks agree, or if the host does not say */
export function clockDifference({ status, output }: Answer, now: Date): ClockDifference | undefined {
  const there = new Date(Number(output.trim()) * 1000);
  const aheadMs = +there - +now;
  if (status !== 0 || Number.isNaN(aheadMs) || Math.abs(aheadMs) < MOST_APART_MS) return undefined;
  return { there, apart: clockApart(aheadMs) };
}
