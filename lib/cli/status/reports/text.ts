import { listed } from "../../../shared/errors/wording";
import { printableLine } from "../../../shared/text/printable";
import { truncated } from "../../../shared/text/truncated";
import { rfc3339 } from "../../../shared/time/rfc3339";
import { durationText } from "../../options/duration";
import { daysLeft } from "../../output/days-left";
import { plural } from "../../output/plural";
import { type Colour, coloured, type Terminal } from "../../output/terminal";
import { CERTIFICATE_STATES, type CertificateState } from "../overview/certificate-state";
import type { DomainStatus, HostStatus, Overview } from "../overview/overview";

export interface TextOptions {
  readonly terminal: Terminal;
  /** Whether each domain and everything pending is shown, however many there are. */
  readonly isAll: boolean;
}

/** Limits, so that the report fits on one screen. */
const MOST_DOMAINS = 12;
const MOST_PENDING_HOSTS = 3;
const MOST_CELL_CHARACTERS = 60;
const MOST_PENDING_CHARACTERS = 300;
const HOUR_MS = 3_600_000;

const COLOURS: Readonly<Record<CertificateState, Colour>> = {
  expired: "red",
  overdue: "red",
  due: "yellow",
  current: "green",
  unknown: "grey",
};

/** A report of one screen: the most urgent certificates, then the number in each state, then the hosts. */
export function textReport(overview: Overview, options: TextOptions): string {
  return [
    ...domainLines(overview, options),
    "",
    countsLine(overview),
    ...adviceLines(overview),
    ...nextLines(overview),
    ...hostLines(overview, options),
    ...journalLines(overview),
    "",
  ].join("\n");
}

type Row = Readonly<Record<"state" | "stack" | "domain" | "left" | "renewal" | "issuer", string>>;

const HEADINGS: Row = {
  state: "STATE",
  stack: "STACK",
  domain: "DOMAIN",
  left: "LEFT",
  renewal: "NEXT RENEWAL",
  issuer: "ISSUER",
};

function domainLines(overview: Overview, { terminal, isAll }: TextOptions): string[] {
  const { domains, options } = overview;
  const shown = isAll ? domains : domains.slice(0, MOST_DOMAINS);
  const rows = [HEADINGS, ...shown.map((domain) => rowOf(domain, options.at))];
  const hasStacks = new Set(domains.map(({ stack }) => stack)).size > 1;
  const columns = (Object.keys(HEADINGS) as (keyof Row)[]).filter(
    (column) => column !== "stack" || hasStacks,
  );
  const widths = new Map(
    columns.map((column) => [column, rows.reduce((most, row) => Math.max(most, row[column].length), 0)]),
  );
  const lines = rows.map((row, index) => {
    const cells = columns.map((column) => {
      const cell = row[column].padEnd(column === "issuer" ? 0 : (widths.get(column) as number));
      const domain = shown[index - 1];
      return column === "state" && domain !== undefined
        ? coloured(cell, COLOURS[domain.state], terminal)
        : cell;
    });
    return cells.join("  ");
  });
  const left = domains.length - shown.length;
  return left > 0 ? [...lines, `… and ${left} less urgent: --all shows each.`] : lines;
}

function rowOf(status: DomainStatus, at: Date): Row {
  const { state, stack, domain, notAfter, issuer } = status;
  return {
    state,
    stack: cell(stack ?? ""),
    domain: cell(domain),
    left: notAfter === null ? "-" : timeLeft(notAfter, at),
    renewal: renewalOf(status),
    issuer: issuer === null ? "-" : cell(issuerName(issuer)),
  };
}

function renewalOf({ renewAt, hosts }: DomainStatus): string {
  if (renewAt !== null) return rfc3339(renewAt);
  if (hosts.length === 0) return "-";
  return `by ${listed(hosts.map(cell))} ${hosts.length === 1 ? "itself" : "themselves"}`;
}

/** The remaining time in days, and on the last day in hours. */
function timeLeft(notAfter: Date, at: Date): string {
  const hours = Math.floor((+notAfter - +at) / HOUR_MS);
  return hours >= 0 && hours < 24 ? `${hours} h` : `${daysLeft(notAfter, at)} d`;
}

/** The host of a CA's directory URL; a private CA by its id in the program; any other issuer unchanged. */
function issuerName(issuer: string): string {
  const id = /^mailsni_private_ca\.ca_([\w-]+)$/.exec(issuer)?.[1];
  if (id !== undefined) return `private CA ${id}`;
  return /^https:\/\/([^/?#]+)/.exec(issuer)?.[1] ?? issuer;
}

function countsLine(overview: Overview): string {
  const counts = CERTIFICATE_STATES.filter((state) => overview.count(state) > 0);
  const text = counts.map((state) => `${overview.count(state)} ${state}`).join(", ");
  return `${plural(overview.domains.length, "domain")}${text === "" ? "" : `: ${text}`}.`;
}

function adviceLines(overview: Overview): string[] {
  const interval = durationText(overview.options.runIntervalMs);
  const overdue = overview.count("overdue");
  return [
    ...(overview.count("expired") > 0
      ? ["Expired: run cdktf deploy, and see why no run has renewed it."]
      : []),
    ...(overdue > 0
      ? [
          `Overdue: the renewal was due more than two run intervals (${interval} each) ago. Check the job that runs cdktf deploy, and whether each of its runs succeeds: one that fails in part leaves the outputs as they were. If they do, read their warnings: a renewal that fails while there is time is one.`,
        ]
      : []),
  ];
}

function nextLines({ nextRenewal }: Overview): string[] {
  if (nextRenewal?.renewAt == null) return [];
  return [`Next renewal: ${cell(nextRenewal.domain)}, due at ${rfc3339(nextRenewal.renewAt)}.`];
}

function hostLines({ hosts }: Overview, { terminal, isAll }: TextOptions): string[] {
  const names = listed(hosts.map(({ host }) => cell(host)));
  const waiting = hosts.filter(({ pending }) => pending.length > 0);
  const shown = isAll ? waiting : waiting.slice(0, MOST_PENDING_HOSTS);
  const left = waiting.length - shown.length;
  return [
    `${plural(hosts.length, "host")}: ${names}.${waiting.length === 0 && hosts.length > 0 ? " Nothing was pending after the last apply that succeeded." : ""}`,
    ...shown.flatMap((host) => pendingLines(host, isAll).map((line) => coloured(line, "yellow", terminal))),
    ...(left > 0 ? [`… and ${plural(left, "host")} more with something pending: --all shows each.`] : []),
  ];
}

function journalLines({ journals }: Overview): string[] {
  return journals.map(
    ({ path, certificates, issued }) =>
      `Not in the state of the last deploy: ${plural(certificates, "certificate")} in the issuance journal ${shortened(path, MOST_PENDING_CHARACTERS)}, ` +
      `${issued} of them issued. A run was killed, or is under way. Run cdktf deploy: it takes the issued ones, and goes on with the other orders.`,
  );
}

function pendingLines({ host, pending }: HostStatus, isAll: boolean): string[] {
  const shown = isAll ? pending : pending.slice(0, 1);
  const left = pending.length - shown.length;
  const more = left > 0 ? ` (and ${left} more)` : "";
  return shown.map((text) => `Pending on ${cell(host)}: ${shortened(text, MOST_PENDING_CHARACTERS)}${more}`);
}

/** Text from the state, without control characters and shortened. */
function cell(text: string): string {
  return shortened(text, MOST_CELL_CHARACTERS);
}

function shortened(text: string, most: number): string {
  return truncated(printableLine(text.slice(0, most + 1)), most);
}
