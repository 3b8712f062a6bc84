import { type Html, html } from "../../../output/html/markup";
import type { FindingCode, Severity } from "../../judgement/finding";
import type { Row } from "./row";
import { byName, rankOf, statusMark } from "./status";

interface FindingCount {
  readonly severity: Severity;
  readonly code: FindingCode;
  readonly domains: Set<string>;
  handshakes: number;
}

/** The number of occurrences of each finding: the worst first, then the most frequent. */
export function findingSection(rows: readonly Row[]): Html {
  const counts = countsOf(rows);
  return html`<section aria-labelledby="findings-title">
<h2 id="findings-title">By finding</h2>
${counts.length === 0 ? html`<p>There are no findings.</p>` : tableOf(counts)}</section>
`;
}

function tableOf(counts: readonly FindingCount[]): Html {
  const rows = counts.map(
    ({ severity, code, handshakes, domains }) =>
      html`<tr><td>${statusMark(severity)}</td><th scope="row" data-filter="${code}">${code}</th><td>${handshakes}</td><td>${domains.size}</td></tr>
`,
  );
  return html`<table id="findings">
<caption>How often each finding occurs</caption>
<thead><tr><th scope="col">Severity</th><th scope="col">Finding</th><th scope="col">Handshakes</th><th scope="col">Domains</th></tr></thead>
<tbody>
${rows}</tbody>
</table>
`;
}

function countsOf(rows: readonly Row[]): FindingCount[] {
  const counts = new Map<string, FindingCount>();
  for (const { findings, domain } of rows) {
    for (const { severity, code } of findings) {
      const key = `${severity} ${code}`;
      const count = counts.get(key) ?? { severity, code, domains: new Set(), handshakes: 0 };
      count.domains.add(domain);
      count.handshakes += 1;
      counts.set(key, count);
    }
  }
  return [...counts.values()].sort(
    (one, other) =>
      rankOf(one.severity) - rankOf(other.severity) ||
      other.handshakes - one.handshakes ||
      byName(one.code, other.code),
  );
}
