import { createHash } from "node:crypto";
import { type Html, html, trusted } from "./markup";
import commonStyle from "./page.css";

export interface PageOptions {
  readonly title: string;
  /** Style rules of this page, beside those of every page. @default "" */
  readonly style?: string;
  /** @default none */
  readonly script?: string;
  /** What is on it. */
  readonly main: Html;
}

/** Runs before the page is parsed, so that style rules can depend on whether scripts run: a browser may block them. */
const MARK_SCRIPTED = 'document.documentElement.classList.add("scripted");';

/** A page as one file. It loads nothing, and its Content-Security-Policy allows only its own script and style sheet. */
export function pageOf({ title, style = "", script, main }: PageOptions): string {
  const styles = commonStyle + style;
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(styles, script)}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${trusted(styles)}</style>
${script === undefined ? html`` : html`<script>${trusted(MARK_SCRIPTED)}</script>\n`}</head>
<body>
<main>
${main}</main>
${script === undefined ? html`` : html`<script>${trusted(script)}</script>\n`}</body>
</html>
`.text;
}

/** No external resources, and only the page's own script and style sheet. */
function policy(style: string, script: string | undefined): string {
  return [
    "default-src 'none'",
    ...(script === undefined ? [] : [`script-src '${hashOf(MARK_SCRIPTED)}' '${hashOf(script)}'`]),
    `style-src '${hashOf(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
