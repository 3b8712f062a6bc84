import { SEVERITIES, type Severity } from "../../judgement/finding";
import { type Html, html } from "./markup";

/** The worst finding, or that there is none. */
export type Status = Severity | "ok";

/** In the order in which the page shows them: errors first. */
export const STATUSES: readonly Status[] = [...SEVERITIES, "ok"];

export function rankOf(status: Status): number {
  return STATUSES.indexOf(status);
}

/** The word says it; the colour says it once more. */
export function statusMark(status: Status): Html {
  return html`<span class="status ${status}">${status}</span>`;
}

/** As people sort names: `domain2` before `domain10`. */
export const byName = new Intl.Collator("en", { numeric: true }).compare;
