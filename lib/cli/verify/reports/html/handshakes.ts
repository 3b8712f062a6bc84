import { type Html, html } from "../../../output/html/markup";
import type { Row } from "./row";
import { STATUSES } from "./status";

/** The number of rows that a page with a script shows at first. */
const FIRST_ROWS = 500;

/** The table of all handshakes, and the filter for it, which the page's script shows. */
export function handshakeSection(rows: readonly Row[]): Html {
  return html`<section aria-labelledby="handshakes-title">
<h2 id="handshakes-title">By handshake</h2>
${filterControls()}<div class="scroll" role="region" aria-labelledby="handshakes-caption" tabindex="0">
<table id="handshakes">
<caption id="handshakes-caption">What each server presents for each name, and what it should present</caption>
<thead><tr>${HEADERS}</tr></thead>
<tbody>
${markupOf(rows.slice(0, FIRST_ROWS))}</tbody>
${
  rows.length > FIRST_ROWS
    ? html`<tbody class="later">
${markupOf(rows.slice(FIRST_ROWS))}</tbody>
`
    : html``
}</table>
</div>
<button type="button" id="more" hidden>Show all</button>
</section>
`;
}

function markupOf(rows: readonly Row[]): Html[] {
  return rows.map(({ markup }) => markup);
}

const HEADERS = html`<th scope="col" class="short" data-kind="number" aria-sort="ascending">Status</th>
<th scope="col" class="wide">Name</th>
<th scope="col">Host</th>
<th scope="col" class="short" data-kind="number">Port</th>
<th scope="col" class="wide">Served</th>
<th scope="col" class="wide">Should be</th>
<th scope="col" class="short" data-kind="number">Days left</th>
<th scope="col" class="widest">Findings</th>`;

function filterControls(): Html {
  const options = STATUSES.map((status) => html`<option>${status}</option>`);
  return html`<div id="controls" role="search" aria-label="Handshakes" hidden>
<label>Filter <input id="filter" type="search" autocomplete="off" spellcheck="false"></label>
<label>Status <select id="status"><option value="">all</option>${options}</select></label>
<output id="shown" role="status"></output>
</div>
`;
}
