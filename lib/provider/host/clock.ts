import { rfc3339 } from "../../shared/time/rfc3339";
import type { Answer } from "../../shared/transport/session";
import { HOST } from "../messages/hosts";
import type { Problem } from "./desired/change";

/** More than the clocks of two machines with NTP ever differ, or than a slow connection delays the answer. */
const MOST_APART_MS = 300_000;

/** A warning if the host's clock differs from this machine's; undefined if they agree. */
export function clockWarning(name: string, { status, output }: Answer, now: Date): Problem | undefined {
  const there = new Date(Number(output.trim()) * 1000);
  const aheadMs = +there - +now;
  if (status !== 0 || Number.isNaN(aheadMs) || Math.abs(aheadMs) < MOST_APART_MS) return undefined;
  const apart = `${inWords(Math.abs(aheadMs))} ${aheadMs > 0 ? "ahead" : "behind"}`;
  return {
    summary: HOST.clockDiffers(name, apart),
    detail:
      `It is ${rfc3339(there)} there, and ${rfc3339(now)} on this machine. Certificates are dated, ` +
      "checked and renewed by this machine's clock, not by the host's. Find out which one is wrong, and set it (with NTP, so " +
      "that it stays right): clients refuse a certificate whose dates do not fit their clock.",
  };
}

function inWords(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  if (minutes < 120) return `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}
