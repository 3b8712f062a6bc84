import { rfc3339 } from "../../../../shared/time/rfc3339";
import { type Look, mark } from "../../../output/html/mark";
import { type Html, html } from "../../../output/html/markup";
import { pageOf } from "../../../output/html/page";
import type { Line } from "../../../output/line";
import type { PlanChanges } from "../../changes/plan-changes";
import type { Risk } from "../../changes/risk";
import { adviceOf, reasonLine } from "../sections/headline";
import type { Section } from "../sections/section";
import { sectionsOf } from "../sections/sections";
import style from "./page.css";

const LOOKS: Readonly<Record<Risk, Look>> = {
  none: "ok",
  routine: "ok",
  additions: "note",
  attention: "warning",
  danger: "error",
};

/**
 * A page in one file, for people.
 *
 * @param at when the plans were made
 */
export function htmlReport(changes: PlanChanges, at: Date): string {
  const { risk } = changes;
  const time = rfc3339(at);
  return pageOf({
    title: `mail-sni plan: ${risk}`,
    style,
    main: html`<h1>mail-sni plan</h1>
<p>${riskMark(risk)} ${adviceOf(changes)}</p>
<p>Planned at <time datetime="${time}">${time}</time>.</p>
${reasonList(changes)}${sectionsOf(changes).map(sectionMarkup)}`,
  });
}

function riskMark(risk: Risk): Html {
  return mark(risk, LOOKS[risk]);
}

function reasonList(changes: PlanChanges): Html {
  const { reasons } = changes;
  if (reasons.length === 0) return html``;
  const items = reasons.map(
    (reason) => html`<li>${riskMark(reason.risk)} ${lineMarkup(reasonLine(reason, changes))}</li>\n`,
  );
  return html`<ul id="reasons">
${items}</ul>
`;
}

function sectionMarkup(section: Section, index: number): Html {
  const { title, isFolded } = section;
  const id = `section-${index}`;
  const heading = html`<h2 id="${id}">${title}</h2>`;
  const contents = contentsOf(section, id);
  return isFolded
    ? html`<details open><summary>${heading}</summary>
${contents}</details>
`
    : html`<section>
${heading}
${contents}</section>
`;
}

function contentsOf({ columns, rows, note }: Section, id: string): Html {
  const notes = note === null ? html`` : html`<p>${lineMarkup(note)}</p>\n`;
  if (rows.length === 0) return notes;
  const headers = columns.map((column) => html`<th scope="col">${column}</th>`);
  const lines = rows.map((row) => html`<tr>${row.map((cell) => html`<td>${lineMarkup(cell)}</td>`)}</tr>\n`);
  return html`${notes}<div class="scroll" role="region" aria-labelledby="${id}" tabindex="0">
<table aria-labelledby="${id}">
<thead><tr>${headers}</tr></thead>
<tbody>
${lines}</tbody>
</table>
</div>
`;
}

function lineMarkup(pieces: Line): Html {
  return html`${pieces.map((piece) =>
    typeof piece === "string" ? html`${piece}` : html`<code>${piece.outside}</code>`,
  )}`;
}
