import { rfc3339 } from "../../shared/time/rfc3339";
import { clockDifference } from "../../shared/transport/clock-difference";
import type { Answer } from "../../shared/transport/session";
import { HOST } from "../messages/hosts";
import type { Problem } from "./desired/change";

/** A warning if the host's clock differs from this machine's; undefined if they agree. */
export function clockWarning(name: string, answer: Answer, now: Date): Problem | undefined {
  const difference = clockDifference(answer, now);
  if (difference === undefined) return undefined;
  return {
    summary: HOST.clockDiffers(name, difference.apart),
    detail:
      `It is ${rfc3339(difference.there)} there, and ${rfc3339(now)} on this machine. Certificates are dated, ` +
      "checked and renewed by this machine's clock, not by the host's. Find out which one is wrong, and set it (with NTP, so " +
      "that it stays right): clients refuse a certificate whose dates do not fit their clock.",
  };
}
