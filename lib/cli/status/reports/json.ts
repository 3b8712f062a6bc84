import { printableLine } from "../../../shared/text/printable";
import { rfc3339 } from "../../../shared/time/rfc3339";
import { daysLeft } from "../../output/days-left";
import { CERTIFICATE_STATES } from "../overview/certificate-state";
import type { DomainStatus, Overview } from "../overview/overview";

const HOUR_MS = 3_600_000;

/** One JSON document; its schema is `status.schema.json` beside the program. */
export function jsonReport(overview: Overview): string {
  const { at, runIntervalMs } = overview.options;
  const document = {
    version: 1,
    at: rfc3339(at),
    runIntervalHours: runIntervalMs / HOUR_MS,
    domains: overview.domains.map((domain) => domainObject(domain, at)),
    hosts: overview.hosts,
    journals: overview.journals,
    unreadStacks: overview.unread,
    summary: {
      ...Object.fromEntries(CERTIFICATE_STATES.map((state) => [state, overview.count(state)])),
      domains: overview.domains.length,
      pending: overview.pending,
      exitCode: overview.exitCode,
    },
  };
  // Control characters are escaped as JSON, so that the values do not change.
  return `${printableLine(JSON.stringify(document))}\n`;
}

function domainObject({ notAfter, renewAt, ...domain }: DomainStatus, at: Date): object {
  return {
    ...domain,
    notAfter: notAfter === null ? null : rfc3339(notAfter),
    renewAt: renewAt === null ? null : rfc3339(renewAt),
    daysLeft: notAfter === null ? null : daysLeft(notAfter, at),
  };
}
