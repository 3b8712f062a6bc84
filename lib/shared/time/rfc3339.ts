/** A time as RFC 3339 in UTC, to the second, which is the precision of X.509. */
export function rfc3339(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}

/** Whether a text is a time as {@link rfc3339} writes it. */
export function isRfc3339(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) && !Number.isNaN(Date.parse(text));
}

/** With a fraction of the second, and with an offset, too. */
const ANY_RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** The time in a text of RFC 3339. Null for what `Date` reads besides: `12`, or a time without a zone, which it takes for local. */
export function parsedRfc3339(text: string): Date | null {
  const time = new Date(ANY_RFC_3339.test(text) ? text : Number.NaN);
  return Number.isNaN(+time) ? null : time;
}
