import type { X509Certificate } from "node:crypto";
import { rfc3339 } from "../../../../shared/time/rfc3339";
import { declaredTitle, issuerOf, leafTitle } from "../../../../shared/tls/leaf-wording";
import type { Outcome } from "../../../../shared/tls/schedule";
import type { HostStatement } from "../../../inputs/host-statements";
import { daysLeft } from "../../../output/days-left";
import { type Html, html } from "../../../output/html/markup";
import type { FindingCode, Severity } from "../../judgement/finding";
import { titleOf } from "../../judgement/judgement";
import { type Result, worst } from "../../judgement/summary";
import type { Question } from "../../questions/question";
import { sentencesOf } from "../wording";
import { byName, rankOf, type Status, statusMark } from "./status";

/** The data of one handshake on the page. It holds no certificate, to save memory. */
export interface Row {
  /** The id of the row's HTML element. */
  readonly id: string;
  readonly status: Status;
  /** The mail domain, or else the requested name. */
  readonly domain: string;
  readonly title: string;
  readonly host: string;
  readonly port: number;
  /** Whole days until the certificate that is served for a name expires; null without one. */
  readonly daysLeft: number | null;
  readonly findings: readonly { readonly severity: Severity; readonly code: FindingCode }[];
  readonly markup: Html;
}

export interface RowOptions {
  /** The index of the row among all rows, from 0. */
  readonly index: number;
  /** The number of a domain. */
  readonly groupOf: (domain: string) => number;
  /** When the run began. */
  readonly at: Date;
}

export function rowOf(result: Result, { index, groupOf, at }: RowOptions): Row {
  const { question, outcome, findings } = result;
  const { host, port } = question.endpoint;
  const domain = domainOf(question);
  const end = outcome.kind === "presented" ? endOf(outcome.presentation.certificates[0]) : null;
  const row = {
    id: `handshake-${index}`,
    status: worst(findings) ?? "ok",
    domain,
    title: titleOf(question),
    host,
    port,
    daysLeft: end === null ? null : daysLeft(end, at),
    findings: findings.map(({ severity, code }) => ({ severity, code })),
  } as const;
  return { ...row, markup: markupOf(row, groupOf(domain), result, end) };
}

/** Sorts rows: errors first, then by name. */
export function inOrder(rows: readonly Row[]): Row[] {
  return [...rows].sort(
    (one, other) =>
      rankOf(one.status) - rankOf(other.status) ||
      byName(one.title, other.title) ||
      byName(one.host, other.host) ||
      one.port - other.port,
  );
}

function markupOf(row: Omit<Row, "markup">, group: number, result: Result, end: Date | null): Html {
  const { question, outcome, findings } = result;
  const { host, port, protocol } = question.endpoint;
  const cells = [
    html`<td data-key="${rankOf(row.status)}">${statusMark(row.status)}</td>`,
    html`<th scope="row">${row.title}</th>`,
    html`<td>${host}${small(addressOf(question, host))}</td>`,
    html`<td data-key="${port}">${port}${small(protocol)}</td>`,
    html`<td>${servedOf(outcome)}</td>`,
    html`<td>${expectedOf(question)}</td>`,
    daysCell(row.daysLeft, end),
    html`<td>${findings.map((finding) => html`<p>${statusMark(finding.severity)} ${sentencesOf(finding)}</p>`)}</td>`,
  ];
  // Without line ends between the cells: a browser keeps each of them, in thousands of rows.
  return html`<tr id="${row.id}" data-status="${row.status}" data-group="${group}">${cells}</tr>
`;
}

function domainOf(question: Question): string {
  const { asked, expected } = question;
  // Without SNI, or for an unlisted name, the certificate says nothing about its own domain.
  const isItsOwn = "name" in asked && expected.covers !== "not-needed";
  return (isItsOwn ? expected.domain : null) ?? ("name" in asked ? asked.name : titleOf(question));
}

function addressOf({ address, through }: Question, host: string): string {
  if (address === null || address === host) return "";
  return through === undefined ? address : `${address} through SSH`;
}

function servedOf(outcome: Outcome): Html {
  switch (outcome.kind) {
    case "presented": {
      const { certificates, version } = outcome.presentation;
      const [leaf] = certificates;
      return html`${leafTitle(leaf)}${small(`${version}, issued by ${issuerOf(leaf)}`)}`;
    }
    case "failed":
      return html`nothing${small(outcome.error.message)}`;
    case "not-asked":
      return html`not asked`;
    case "no-address":
      return html`not asked${small("no address")}`;
  }
}

function expectedOf({ asked, expected }: Question): Html {
  const { domain, fingerprint, covers, isRefused, said } = expected;
  if (isRefused) return html`a TLS alert`;
  if (domain !== null)
    return html`${declaredTitle(domain, fingerprint)}${small(said === null ? "" : issuedOn(said))}`;
  if (covers === "not-needed" || !("name" in asked)) return html`any certificate`;
  return html`a certificate for ${asked.serverName}`;
}

/** What the host that issues a certificate itself says about it. */
function issuedOn({ host, status, message }: HostStatement): string {
  if (status === "ok") return `issued by ${host} itself`;
  return `issued by ${host} itself, ${status}${message === "" ? "" : `: ${message}`}`;
}

function daysCell(days: number | null, end: Date | null): Html {
  if (days === null || end === null) return html`<td></td>`;
  const time = rfc3339(end);
  return html`<td data-key="${days}">${days}<small><time datetime="${time}">${time.slice(0, 10)}</time></small></td>`;
}

function small(text: string): Html {
  return text === "" ? html`` : html`<small>${text}</small>`;
}

/** The expiry of a certificate; null if its date is invalid. */
function endOf({ validTo }: X509Certificate): Date | null {
  const end = new Date(validTo);
  return Number.isNaN(+end) ? null : end;
}
