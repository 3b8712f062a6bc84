/** How long the certificates of a profile of Let's Encrypt are valid that are issued from a day on. */
export interface Lifetime {
  /** `YYYY-MM-DD`, UTC. */
  readonly from: string;
  readonly hours: number;
}

/**
 * What Let's Encrypt has announced (https://letsencrypt.org/docs/profiles/), by profile and in order. Used before there is a
 * certificate: once there is one, the provider takes its own dates.
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

/** Of a certificate that is issued at that time; undefined for a profile that is not known. */
export function lifetimeAt(profile: string, at: Date): Lifetime | undefined {
  const lifetimes = LIFETIMES.get(profile);
  return lifetimes?.findLast(({ from }) => new Date(from) <= at) ?? lifetimes?.[0];
}

/** Those that are announced, and not in force yet. */
export function lifetimesAfter(profile: string, at: Date): readonly Lifetime[] {
  return (LIFETIMES.get(profile) ?? []).filter(({ from }) => new Date(from) > at);
}
