import { mark } from "../../../output/html/mark";
import type { Html } from "../../../output/html/markup";
import { SEVERITIES, type Severity } from "../../judgement/finding";

/** The severity of the worst finding; `ok` without findings. */
export type Status = Severity | "ok";

/** The statuses, in the order in which the page shows them: errors first. */
export const STATUSES: readonly Status[] = [...SEVERITIES, "ok"];

export function rankOf(status: Status): number {
  return STATUSES.indexOf(status);
}

/** A status as a word, so that it does not depend on the colour alone. */
export function statusMark(status: Status): Html {
  return mark(status, status);
}

/** Compares names in natural order: `domain2` before `domain10`. */
export const byName = new Intl.Collator("en", { numeric: true }).compare;
