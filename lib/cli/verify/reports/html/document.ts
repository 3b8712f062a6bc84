import { createHash } from "node:crypto";
import { rfc3339 } from "../../../../shared/time/rfc3339";
import type { Summary } from "../../judgement/summary";
import { totalsOf } from "../wording";
import { domainSection } from "./domains";
import { findingSection } from "./findings";
import { handshakeSection } from "./handshakes";
import { html, trusted } from "./markup";
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

/** The page as one file. It loads nothing, and its Content-Security-Policy allows only its own script and style sheet. */
export function documentOf({ rows, groupOf, summary, at }: Page): string {
  const sorted = inOrder(rows);
  const time = rfc3339(at);
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>mail-sni verify: ${totalsOf(summary)}</title>
<style>${trusted(style)}</style>
</head>
<body>
<main>
<h1>mail-sni verify</h1>
<p>${statusMark(statusOf(summary))} ${totalsOf(summary)}</p>
<p>Asked at <time datetime="${time}">${time}</time>. Days left are counted from then.</p>
${findingSection(sorted)}${domainSection(sorted, groupOf)}${handshakeSection(sorted)}</main>
<script>${trusted(script)}</script>
</body>
</html>
`.text;
}

/** The Content-Security-Policy: no external resources, and only the page's own script and style sheet. */
const POLICY = [
  "default-src 'none'",
  `script-src '${hashOf(script)}'`,
  `style-src '${hashOf(style)}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

function statusOf({ findings, exitCode }: Summary): Status {
  if (exitCode !== 0) return "error";
  return STATUSES.find((status) => status !== "ok" && findings[status] > 0) ?? "ok";
}
