import { rfc3339 } from "../../../../shared/time/rfc3339";
import { html } from "../../../output/html/markup";
import { pageOf } from "../../../output/html/page";
import type { Summary } from "../../judgement/summary";
import { totalsOf } from "../wording";
import { domainSection } from "./domains";
import { findingSection } from "./findings";
import { handshakeSection } from "./handshakes";
import script from "./page.browser.js";
import style from "./page.css";
import { inOrder, type Row } from "./row";
import { STATUSES, type Status, statusMark } from "./status";

export interface Page {
  readonly rows: readonly Row[];
  readonly groupOf: (domain: string) => number;
  readonly summary: Summary;
  /** When the run began. */
  readonly at: Date;
}

/** The page as one file. It loads nothing. */
export function documentOf({ rows, groupOf, summary, at }: Page): string {
  const sorted = inOrder(rows);
  const time = rfc3339(at);
  return pageOf({
    title: `mail-sni verify: ${totalsOf(summary)}`,
    style,
    script,
    main: html`<h1>mail-sni verify</h1>
<p>${statusMark(statusOf(summary))} ${totalsOf(summary)}</p>
<p>Asked at <time datetime="${time}">${time}</time>. Days left are counted from then.</p>
${findingSection(sorted)}${domainSection(sorted, groupOf)}${handshakeSection(sorted)}`,
  });
}

function statusOf({ findings, exitCode }: Summary): Status {
  if (exitCode !== 0) return "error";
  return STATUSES.find((status) => status !== "ok" && findings[status] > 0) ?? "ok";
}
