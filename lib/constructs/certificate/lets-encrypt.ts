/** The lifetime of certificates of one profile of Let's Encrypt that are issued on or after a date. */
export interface Lifetime {
  /** The first day: `YYYY-MM-DD`, UTC. */
  readonly from: string;
  readonly hours: number;
}

/**
 * The lifetimes that Let's Encrypt has announced (https://letsencrypt.org/docs/profiles/), by profile, in
 * order of date. They apply until a certificate is issued: from then on the provider uses the dates of that
 * certificate.
 */
const LIFETIMES: ReadonlyMap<string, readonly [Lifetime, ...Lifetime[]]> = new Map([
  [
    "classic",
    [
      { from: "2015-12-03", hours: 2160 },
      { from: "2027-02-10", hours: 1536 },
      { from: "2028-02-16", hours: 1080 },
    ],
  ],
  ["tlsserver", [{ from: "2026-05-13", hours: 1080 }]],
  ["shortlived", [{ from: "2025-02-19", hours: 160 }]],
]);

/** The lifetime of a certificate that is issued at the given time; undefined for an unknown profile. */
export function lifetimeAt(profile: string, at: Date): Lifetime | undefined {
  const lifetimes = LIFETIMES.get(profile);
  return lifetimes?.findLast(({ from }) => new Date(from) <= at) ?? lifetimes?.[0];
}

/** The lifetimes that are announced and not yet in force at the given time. */
export function lifetimesAfter(profile: string, at: Date): readonly Lifetime[] {
  return (LIFETIMES.get(profile) ?? []).filter(({ from }) => new Date(from) > at);
}
