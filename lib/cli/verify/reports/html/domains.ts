import { type Html, html } from "../../../output/html/markup";
import type { Row } from "./row";
import { byName, rankOf, STATUSES, type Status, statusMark } from "./status";

interface Domain {
  readonly name: string;
  readonly group: number;
  readonly status: Status;
  readonly daysLeft: number | null;
  /** The id of the domain's first row, which has its worst finding. */
  readonly firstRow: string;
}

/**
 * An overview of all domains, each with a link to its first handshake.
 *
 * @param rows in the order of the page
 */
export function domainSection(rows: readonly Row[], groupOf: (domain: string) => number): Html {
  const domains = domainsOf(rows, groupOf);
  const tiles = domains.map(
    ({ name, group, status, daysLeft, firstRow }) =>
      html`<li data-group="${group}"><a href="#${firstRow}">${statusMark(status)} <span class="name">${name}</span>${validity(daysLeft)}</a></li>
`,
  );
  return html`<section aria-labelledby="domains-title">
<h2 id="domains-title">By domain</h2>
<p>${countsOf(domains)}</p>
<ul id="domains">
${tiles}</ul>
</section>
`;
}

function domainsOf(rows: readonly Row[], groupOf: (domain: string) => number): Domain[] {
  const domains = new Map<string, Domain>();
  for (const { domain: name, status, daysLeft, id } of rows) {
    const known = domains.get(name) ?? { name, group: groupOf(name), status, daysLeft, firstRow: id };
    domains.set(name, { ...known, daysLeft: least(known.daysLeft, daysLeft) });
  }
  return [...domains.values()].sort(
    (one, other) => rankOf(one.status) - rankOf(other.status) || byName(one.name, other.name),
  );
}

function countsOf(domains: readonly Domain[]): string {
  const counts = STATUSES.flatMap((status) => {
    const count = domains.filter((domain) => domain.status === status).length;
    return count === 0 ? [] : [`${count} ${status}`];
  });
  return `${domains.length} domains and other names: ${counts.join(", ") || "none"}.`;
}

function validity(daysLeft: number | null): Html {
  if (daysLeft === null) return html``;
  if (daysLeft < 0) return html` <small>expired</small>`;
  return html` <small>${daysLeft} ${daysLeft === 1 ? "day" : "days"}</small>`;
}

function least(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}
