import type { Answer } from "../../shared/transport/session";
import { rfc3339 } from "../x509/validity";
import type { Problem } from "./desired/change";

/** Two machines with NTP are never so far apart, and a slow connection does not look like it. */
const MOST_SECONDS_APART = 300;

/** What to say of a host whose clock shows another time than this machine's; nothing where they agree. */
export function clockWarning(name: string, { status, output }: Answer, now: Date): Problem | undefined {
  const there = new Date(Number(output.trim()) * 1000);
  const seconds = Math.round((+there - +now) / 1000);
  if (status !== 0 || Number.isNaN(seconds) || Math.abs(seconds) < MOST_SECONDS_APART) return undefined;
  const apart = `${inWords(Math.abs(seconds))} ${seconds > 0 ? "ahead" : "behind"}`;
  return {
    summary: `The clock of host "${name}" is ${apart}`,
    detail:
      `It is ${rfc3339(there)} there, and ${rfc3339(now)} on this machine. By this machine's clock certificates are ` +
      "dated, judged and renewed; the host's plays no part in that. See which one is wrong, and set it (by NTP, so that " +
      "it stays right): dates that are not those of the clients make them refuse a certificate.",
  };
}

function inWords(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}
