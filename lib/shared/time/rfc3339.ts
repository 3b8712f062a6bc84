/** A time as RFC 3339 in UTC, to the second, which is the precision of X.509. */
export function rfc3339(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}
