/** A time as RFC 3339 in UTC, to the second: as X.509 has it too. */
export function rfc3339(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}
