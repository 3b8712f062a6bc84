import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { AcmeDirectories } from "../../../lib/provider/acme/directories";
import { Hosts } from "../../../lib/provider/host/hosts";
import { KeyPassphrases } from "../../../lib/provider/keys/key-passphrases";
import { acmeAccount } from "../../../lib/provider/resources/acme-account";
import { acmeCertificate } from "../../../lib/provider/resources/acme-certificate";
import { hasTime, isRenewalDue, type Term } from "../../../lib/provider/resources/acme-certificate/renewal";
import { longestRunIntervalHours } from "../../../lib/shared/time/renewal-time";
import { acmeTimeouts } from "../../support/acme-timeouts";
import { type Answer, LyingCa } from "../../support/lying-ca";
import { ResourceLifecycle, type Values } from "../../support/resource-lifecycle";

const HOUR = 3_600_000;

interface Schedule {
  /** Of certificates, in hours. */
  readonly lifetime: number;
  /** What is declared, in hours; null: nothing. */
  readonly declared: number | null;
  readonly critical: number;
  /** The time to each next run, in hours. */
  readonly gaps: readonly number[];
  /** Whether a renewal in that run fails. */
  readonly fails: readonly boolean[];
  /** Where in the window of ±1 % the CA suggests to renew, from -1 to 1. */
  readonly suggested: number;
}

/**
 * What happens under a schedule, decided by the provider's own rules. Runs are at whole milliseconds from the first
 * certificate on, as by any clock, since dates of certificates are too.
 */
function life(schedule: Schedule): { readonly expired: boolean; readonly silently: boolean } {
  const { lifetime, declared, critical, gaps, fails, suggested } = schedule;
  const share = lifetime < 240 ? 1 / 2 : 2 / 3;
  const issuedAt = (time: number): Term => ({
    not_before: new Date(time).toISOString(),
    not_after: new Date(time + lifetime * HOUR).toISOString(),
    renew_at: new Date(time + (share + suggested / 100) * lifetime * HOUR).toISOString(),
    run_interval_hours: declared,
    critical_fraction: critical,
  });
  let [term, now, warned] = [issuedAt(0), 0, false];
  for (const [index, gap] of gaps.entries()) {
    now += Math.floor(gap * HOUR);
    const isExpired = now >= Date.parse(String(term.not_after));
    if (isExpired) return { expired: true, silently: !warned };
    if (!isRenewalDue(term, now)) continue;
    if (fails[index] === true) warned ||= !hasTime(term, now);
    else [term, warned] = [issuedAt(now), false];
  }
  return { expired: false, silently: false };
}

const RUNS = 60;
const lifetimes = fc.oneof(
  fc.constantFrom(24, 160, 168, 1080, 1536, 2160),
  fc.integer({ min: 6, max: 10_000 }),
);
const share = fc.double({ min: 0.01, max: 1, noNaN: true });
const suggested = fc.double({ min: -1, max: 1, noNaN: true });
const failures = fc.array(fc.boolean(), { minLength: RUNS, maxLength: RUNS });
/** One failure in a row at most. */
const single = failures.map((fails) => fails.map((each, index) => each && index % 2 === 0));
const gaps = (longest: number) =>
  fc.array(
    share.map((part) => part * longest),
    { minLength: RUNS, maxLength: RUNS },
  );
const steady = (gap: number) =>
  fc.double({ min: 0, max: 1, noNaN: true }).map((phase) => [phase * gap, ...new Array(RUNS - 1).fill(gap)]);

/** Schedules whose interval is so much of the longest that is allowed. */
const allowed = (fails: fc.Arbitrary<boolean[]>, min: number, max: number) =>
  fc
    .record({
      lifetime: lifetimes,
      of: fc.double({ min, max, noNaN: true }),
      critical: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .chain(({ lifetime, of, critical }) => {
      const declared = of * longestRunIntervalHours(lifetime);
      const times = fc.oneof(gaps(declared), steady(declared));
      return fc.record({
        lifetime: fc.constant(lifetime),
        declared: fc.constant(declared),
        critical: fc.constant(critical),
        gaps: times,
        fails,
        suggested,
      });
    });

describe("renewals, by a clock that runs ahead", () => {
  it("GIVEN an interval that is allowed, and no two failures in a row, THEN no certificate ever expires", () => {
    fc.assert(
      fc.property(allowed(single, 0.02, 1), (schedule) => !life(schedule).expired),
      { numRuns: 2_000 },
    );
  });

  it("GIVEN an interval that is allowed, and any failures, THEN none ever expires without an error before", () => {
    fc.assert(
      fc.property(allowed(failures, 0.02, 1), (schedule) => !life(schedule).silently),
      { numRuns: 2_000 },
    );
  });

  it("GIVEN any interval up to half the lifetime that is declared, and any failures, THEN none expires without an error before", () => {
    const schedules = fc.record({ lifetime: lifetimes, of: share }).chain(({ lifetime, of }) => {
      const declared = (of * lifetime) / 2;
      return fc.record({
        lifetime: fc.constant(lifetime),
        declared: fc.constant(declared),
        critical: fc.constant(0),
        gaps: fc.oneof(gaps(declared), steady(declared)),
        fails: failures,
        suggested,
      });
    });
    fc.assert(
      fc.property(schedules, (schedule) => !life(schedule).silently),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ["720 hours for 90 days", 2160, 720],
    ["540 hours for 45 days", 1080, 540],
    ["80 hours for 160 hours", 160, 80],
    ["the longest that is allowed, and 3 % more, for 90 days", 2160, longestRunIntervalHours(2160) * 1.03],
    ["the longest that is allowed, and 3 % more, for 160 hours", 160, longestRunIntervalHours(160) * 1.03],
  ])(
    "GIVEN %s THEN that is refused, since one failure is enough for a certificate to expire",
    (_, lifetime, interval) => {
      expect(interval).toBeGreaterThan(longestRunIntervalHours(lifetime));
      const expires = Array.from({ length: 500 }, (_, index) => index / 500).some((phase) => {
        const steps = [phase * interval, ...new Array(RUNS).fill(interval)];
        return steps.some((_, failing) => {
          const fails = steps.map((_, index) => index === failing);
          return life({ lifetime, declared: null, critical: 0.15, gaps: steps, fails, suggested: 1 }).expired;
        });
      });
      expect(expires).toBe(true);
    },
  );

  it("GIVEN an undeclared interval longer than the critical fraction THEN a certificate may expire after warnings alone", () => {
    const found = Array.from({ length: 500 }, (_, index) => index / 500).some((phase) => {
      const steps = [phase * 170, ...new Array(RUNS).fill(170)];
      const schedule = {
        lifetime: 1080,
        critical: 0.15,
        gaps: steps,
        fails: steps.map(() => true),
        suggested: 1,
      };
      return life({ ...schedule, declared: null }).silently && !life({ ...schedule, declared: 170 }).silently;
    });
    expect(found).toBe(true);
  });
});

describe("mailsni_acme_certificate, by a clock that runs ahead", () => {
  const timeouts = acmeTimeouts({ attempts: 1, pollMs: 1 });
  let ca: LyingCa;
  let directories: AcmeDirectories;
  let account: Values;

  beforeAll(async () => {
    ca = await LyingCa.start();
    directories = new AcmeDirectories(timeouts);
    const resource = new ResourceLifecycle(acmeAccount(directories, new KeyPassphrases()));
    await resource.apply({ ...directory(), terms_of_service_agreed: true });
    account = resource.state as Values;
  });
  afterEach(() => {
    vi.useRealTimers();
    ca.behave();
    ca.window = null;
    ca.backdatingMs = 60_000;
  });
  afterAll(async () => {
    directories.close();
    await ca.close();
  });

  const directory = () => ({ directory_url: ca.directoryUrl, directory_ca_pem: ca.directoryCaPem });
  const config = (runIntervalHours: number | null): Values => ({
    ...directory(),
    account_url: account.url ?? null,
    account_key_pem: account.private_key_pem ?? null,
    names: ["a.test"],
    run_interval_hours: runIntervalHours,
    challenge: {
      webroot: null,
      hosts: null,
      hook: ["true"],
      hook_chain: null,
      propagation_seconds: null,
      look_first: false,
      dns_servers: null,
    },
  });

  const lifecycle = () =>
    new ResourceLifecycle(acmeCertificate(directories, new KeyPassphrases()), new Hosts("mail", new Map()));

  async function issued(
    interval: number | null,
  ): Promise<{ certificate: ResourceLifecycle; said: readonly string[] }> {
    const certificate = lifecycle();
    return { certificate, said: (await certificate.apply(config(interval))).diagnostics };
  }

  it.each([
    ["160 hours, and a deploy every 39", 160, 39],
    ["45 days, and a deploy every week", 1080, 168],
    ["90 days, and a deploy every fortnight", 2160, 336],
  ])(
    "GIVEN certificates for %s THEN an error comes before one expires, and one failure costs nothing",
    async (_, lifetime, interval) => {
      ca.lifetime = lifetime * HOUR;
      const { certificate, said } = await issued(interval);
      expect(said).toEqual([]);
      const expiry = () => Date.parse(String(certificate.state?.not_after));
      const began = Date.now();
      vi.useFakeTimers({ toFake: ["Date"], now: began });
      const run = async () => {
        vi.setSystemTime(Date.now() + interval * HOUR);
        await certificate.read();
        return (await certificate.apply(config(interval))).diagnostics;
      };
      // WHEN each second renewal fails THEN none expires, for three lifetimes.
      const fails = { at: "order", change: () => null } as const;
      let isFailing = false;
      while (Date.now() < began + 3 * lifetime * HOUR) {
        expect(Date.now()).toBeLessThan(expiry());
        isFailing =
          !isFailing && Date.now() + interval * HOUR >= Date.parse(String(certificate.state?.renew_at));
        ca.lies.splice(0, ca.lies.length, ...(isFailing ? [fails] : []));
        for (const diagnostic of await run()) expect(diagnostic).not.toMatch(/^error/);
      }
      // WHEN all of them fail THEN there is an error before it expires.
      ca.lies.splice(0, ca.lies.length, fails);
      const seen: string[] = [];
      while (Date.now() + interval * HOUR < expiry()) seen.push(...(await run()));
      expect(seen.at(-1)).toMatch(/^error No new certificate for a\.test/);
    },
  );

  it("GIVEN a CA whose certificates live too short for the interval THEN a warning says which one would do, in each plan", async () => {
    ca.lifetime = 24 * HOUR;
    ca.window = [0.9, 0.95];
    const { certificate, said } = await issued(24);
    const warning =
      /^warning The certificate for a\.test may expire between two runs: It is valid for 24 hours.*at least every [\d.]+ hours/;
    expect(said).toEqual([expect.stringMatching(warning)]);
    expect((await certificate.read()).diagnostics).toEqual([expect.stringMatching(warning)]);
    // WHEN the next run would find it expired THEN it is renewed before its time.
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 13 * HOUR });
    await certificate.read();
    expect(certificate.state).toMatchObject({ renewal_due: true });
  });

  it.each([
    ["90 days", 90 * 24, 1 / 3],
    ["six days", 6 * 24, 1 / 2],
  ])(
    "GIVEN a CA that suggests to renew certificates for %s in the last moment THEN they are renewed by their lifetime",
    async (_, lifetime, shareLeft) => {
      ca.lifetime = lifetime * HOUR;
      ca.window = [0.998, 0.999];
      const { certificate } = await issued(null);
      const due = () => {
        const { renew_at: at, not_after: end } = certificate.state as Values;
        return (Date.parse(String(end)) - Date.parse(String(at))) / (lifetime * HOUR);
      };
      expect(due()).toBeCloseTo(shareLeft, 2);
      await certificate.read();
      expect(due()).toBeCloseTo(shareLeft, 2);
      // What leaves enough time is followed.
      ca.window = [0.8 - shareLeft / 4, 0.8 - shareLeft / 4 + 0.01];
      await certificate.apply({ ...config(null), reissue: "again" });
      expect(due()).toBeCloseTo(0.2 + shareLeft / 4, 1);
      expect(due()).not.toBeCloseTo(shareLeft, 2);
    },
  );

  /** A deploy each day. */
  async function dailyRuns(certificate: ResourceLifecycle, days: number): Promise<readonly string[]> {
    const said: string[] = [];
    for (let day = 1; day <= days; day++) {
      vi.setSystemTime(Date.now() + 24 * HOUR);
      said.push(
        ...(await certificate.read()).diagnostics,
        ...(await certificate.apply(config(24))).diagnostics,
      );
    }
    return said;
  }

  const DAYS_90 = 90 * 24 * HOUR;
  const IGNORED =
    /^warning The CA's renewal time for a\.test is ignored: .*The certificate is renewed at .*, by its lifetime\..*set reissue/;

  it.each([
    ["an hour before it is asked", () => ca.suggests(-1, -0.5)],
    ["a year before it issues the certificate", () => ca.suggests(-365 * 24, -364 * 24)],
    [
      "a fixed share of the lifetime before the certificate",
      () => Object.assign(ca, { window: [-0.2, -0.1] }),
    ],
    ["some hours after it issues the certificate", () => Object.assign(ca, { window: [0.002, 0.006] })],
    ["a week after it issues the certificate", () => Object.assign(ca, { window: [0.07, 0.08] })],
  ])(
    "GIVEN a CA whose renewal window is always %s WHEN there is a deploy each day THEN certificates are renewed by their lifetime, and plans warn",
    async (_, suggest) => {
      ca.lifetime = DAYS_90;
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
      suggest();
      const { certificate, said } = await issued(24);
      expect(said).toEqual([expect.stringMatching(IGNORED)]);
      const first = certificate.state?.fingerprint_sha256;
      expect((await dailyRuns(certificate, 59)).every((each) => IGNORED.test(each))).toBe(true);
      expect(certificate.state?.fingerprint_sha256).toBe(first);
      await dailyRuns(certificate, 2);
      expect(certificate.state?.fingerprint_sha256).not.toBe(first);
      await dailyRuns(certificate, 30);
      expect(ca.count("order")).toBe(2);
    },
  );

  it("GIVEN a CA that names a time to come WHEN it moves it into the past THEN the next deploy renews, once", async () => {
    ca.lifetime = DAYS_90;
    const { certificate, said } = await issued(24);
    expect(said).toEqual([]);
    const first = certificate.state?.fingerprint_sha256;
    ca.suggests(-1, -0.5);
    expect((await certificate.read()).diagnostics).toEqual([]);
    expect(certificate.state).toMatchObject({ renewal_due: true });
    // The incident is over once the certificate is replaced.
    ca.lies.length = 0;
    await certificate.apply(config(24));
    expect(certificate.state?.fingerprint_sha256).not.toBe(first);
    await certificate.read();
    expect(certificate.state).toMatchObject({ renewal_due: false });
  });

  it("GIVEN a certificate about which the CA could not be asked when it was issued THEN a time in the past counts once the CA has named one to come", async () => {
    ca.lifetime = DAYS_90;
    ca.lies.push({ at: "renewal information", change: (answer) => ({ ...answer, status: 404 }) });
    const { certificate, said } = await issued(24);
    expect(said).toEqual([]);
    ca.suggests(-1, -0.5, { explanationURL: "https://ca.test/incident" });
    const { diagnostics } = await certificate.read();
    expect(diagnostics).toEqual([expect.stringMatching(IGNORED)]);
    expect(diagnostics.join()).toContain("The CA explains it at https://ca.test/incident.");
    expect(certificate.state).toMatchObject({ renewal_due: false });
    ca.suggests(24 * 10, 24 * 11);
    expect((await certificate.read()).diagnostics).toEqual([]);
    ca.suggests(-1, -0.5);
    expect((await certificate.read()).diagnostics).toEqual([]);
    expect(certificate.state).toMatchObject({ renewal_due: true });
  });

  it.each([
    ["no renewal information", (answer: Answer) => ({ ...answer, status: 404 })],
    ["a time by the whole lifetime", (answer: Answer) => answer],
  ])(
    "GIVEN a CA that dates certificates far back, with %s, THEN they are renewed when a third of what was left remains",
    async (_, change) => {
      ca.lifetime = DAYS_90;
      ca.backdatingMs = 66 * 24 * HOUR;
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
      ca.lies.push({ at: "renewal information", change });
      const { certificate } = await issued(null);
      const first = certificate.state?.fingerprint_sha256;
      for (let day = 1; day <= 11; day++) await dailyRuns(certificate, 1);
      expect(certificate.state?.fingerprint_sha256).toBe(first);
      for (let day = 12; day <= 17; day++) await dailyRuns(certificate, 1);
      expect(certificate.state?.fingerprint_sha256).not.toBe(first);
      expect(ca.count("order")).toBe(2);
    },
  );

  describe("GIVEN clocks of the CA and of this machine that are days apart", () => {
    beforeEach(() => {
      directories.close();
      directories = new AcmeDirectories(timeouts);
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    });
    afterEach(() => {
      directories.close();
      directories = new AcmeDirectories(timeouts);
    });

    /** A deploy by another process. */
    async function run(certificate: ResourceLifecycle): Promise<readonly string[]> {
      directories.close();
      directories = new AcmeDirectories(timeouts);
      const { state, private: kept } = certificate;
      const next = Object.assign(lifecycle(), { state, private: kept });
      const said = [...(await next.read()).diagnostics, ...(await next.apply(config(12))).diagnostics];
      Object.assign(certificate, { state: next.state, private: next.private });
      return said;
    }

    it.each([
      [2, 90],
      [20, 90],
      [2, 6],
    ])(
      "WHEN this one stays %d days ahead THEN certificates for %d days are renewed once they are due by the CA's clock, too",
      async (ahead, lifetime) => {
        ca.lifetime = lifetime * 24 * HOUR;
        const { certificate } = await issued(12);
        const first = certificate.state?.fingerprint_sha256;
        const [dueAt, expiry] = [certificate.state?.renew_at, certificate.state?.not_after].map((time) =>
          Date.parse(String(time)),
        ) as [number, number];
        ca.clockAheadMs = -ahead * 24 * HOUR;
        vi.setSystemTime(dueAt + HOUR);
        expect(await run(certificate)).toEqual([expect.stringMatching(/By the CA's clock, .* days ahead/)]);
        expect(certificate.state?.fingerprint_sha256).toBe(first);
        for (let time = dueAt + HOUR; time < expiry - 10 * HOUR; time += 12 * HOUR) {
          vi.setSystemTime(time - ca.clockAheadMs);
          for (const said of await run(certificate)) expect(said).not.toMatch(/^error/);
        }
        expect(certificate.state?.fingerprint_sha256).not.toBe(first);
        expect(ca.count("order")).toBe(2);
      },
    );

    it("WHEN by this one even a new certificate would have expired THEN none is ordered", async () => {
      ca.lifetime = DAYS_90;
      const { certificate } = await issued(12);
      ca.clockAheadMs = -DAYS_90;
      vi.setSystemTime(Date.parse(String(certificate.state?.not_after)) + 80 * 24 * HOUR);
      expect(await run(certificate)).toEqual([expect.stringMatching(/^error .*By the CA's clock/)]);
      expect(ca.count("order")).toBe(1);
    });

    it.each([2, 5])(
      "WHEN this one is %d days behind THEN an error comes before a certificate for six days expires",
      async (behind) => {
        ca.lifetime = 6 * 24 * HOUR;
        const { certificate } = await issued(12);
        ca.clockAheadMs = behind * 24 * HOUR;
        vi.setSystemTime(Date.now() + (5.4 - behind) * 24 * HOUR);
        expect(await run(certificate)).toEqual([
          expect.stringMatching(/^error No new certificate for a\.test.*: By the CA's clock, .* days behind/),
        ]);
      },
    );
  });

  it("GIVEN a CA whose answers about renewal alone are dated months ahead WHEN there is a deploy each day THEN nothing is ordered before its time", async () => {
    ca.lifetime = DAYS_90;
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    const { certificate } = await issued(24);
    const date = new Date(Date.now() + 2 * DAYS_90).toUTCString();
    ca.lies.push({
      at: "renewal information",
      change: (answer) => ({ ...answer, headers: { ...answer.headers, date } }),
    });
    expect(await dailyRuns(certificate, 5)).toEqual([]);
    expect(ca.count("order")).toBe(1);
  });

  it("GIVEN a page of the CA that is not a URL THEN no message shows it", async () => {
    ca.suggests(-1, -0.5, { explanationURL: "\u001b[31mhttps://ca.test/" });
    const { said } = await issued(24);
    expect(said).toEqual([expect.stringMatching(IGNORED)]);
    expect(said.join()).not.toContain("explains");
  });

  it.each([0, -1, 8785])("GIVEN an interval of %d hours THEN it is refused", async (interval) => {
    expect((await issued(interval)).said).toEqual([expect.stringMatching(/run_interval_hours is/)]);
  });
});
