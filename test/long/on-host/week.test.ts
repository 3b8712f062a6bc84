import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { Row } from "../../on-host/renewal/support/renewal-host";
import { LyingCa } from "../../support/lying-ca";
import {
  dehydrated,
  describeIf,
  dovecot23,
  dovecot24,
  faketime,
  type Requirement,
  root,
} from "../../support/requirements";
import { DehydratedHost } from "./dehydrated-host";

// dehydrated starts dozens of processes for each row, and there are two runs a day.
vi.setConfig({ testTimeout: 1_200_000, hookTimeout: 60_000 });

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const A: Row = { names: ["domain1.test", "imap.domain1.test", "smtp.domain1.test"] };
const B: Row = { names: ["example.co.uk", "mail.example.co.uk"] };
const C: Row = { names: ["xn--mller-kva.test", "imap.xn--mller-kva.test"], alias: "mueller" };
const FIRST: Row = { names: ["new.test", "smtp.new.test"] };

const VERSIONS: ["2.3" | "2.4", Requirement][] = [
  ["2.3", dovecot23],
  ["2.4", dovecot24],
];

for (const [version, dovecot] of VERSIONS) {
  describeIf([root, dehydrated, faketime, dovecot], `a week of renewals, with Dovecot ${version}`, () => {
    let on: DehydratedHost;
    let ca: LyingCa;
    let now = Date.now();
    /** What was presented for each row, in order. */
    const presented = new Map<string, string[]>();
    beforeAll(async () => {
      ca = await LyingCa.start();
      ca.lifetime = 5 * DAY;
      on = await DehydratedHost.start({ version, authority: ca });
      on.options = ["CHALLENGETYPE=http-01", "RENEW_DAYS=2"];
      vi.useFakeTimers({ toFake: ["Date"] });
    });
    afterAll(async () => {
      vi.useRealTimers();
      await on?.stop();
      await ca?.close();
    });

    /** The timer elapses, at the virtual time of the host and of the CA. */
    async function elapse({ hours = 12, exitCode = 0 } = {}): Promise<void> {
      now += hours * HOUR;
      vi.setSystemTime(now);
      const offset = Math.round((now - vi.getRealSystemTime()) / 1000);
      const shell = ["faketime", "-f", `${offset < 0 ? "" : "+"}${offset}s`, "sh"] as const;
      const ended = await on.run(["run"], {
        shell,
        env: { FAKETIME_DONT_FAKE_MONOTONIC: "1", NO_FAKE_STAT: "1" },
      });
      expect(ended.exitCode, ended.output).toBe(exitCode);
    }

    /** Each name is presented its own certificate, by all servers, and it is valid at the virtual time. */
    async function expectServed(...rows: readonly Row[]): Promise<void> {
      expect(await on.presentedFor(...rows)).toEqual(on.expected(...rows));
      for (const { names, alias = names[0] } of rows) {
        const [leaf] = await on.presentedLeaves(names[0]);
        expect(leaf?.dnsNames.toSorted()).toEqual([...names].sort());
        expect(+(leaf?.notBefore ?? Number.NaN)).toBeLessThanOrEqual(now);
        expect(+(leaf?.notAfter ?? 0)).toBeGreaterThan(now);
        const seen = presented.get(alias) ?? [];
        const fingerprint = leaf?.fingerprintSha256 ?? "";
        if (seen.at(-1) !== fingerprint) presented.set(alias, [...seen, fingerprint]);
      }
    }

    const activations = () => on.ledgerText().match(/^paid\t/gm)?.length ?? 0;

    it("THEN at each run every name has its own certificate, and only what is due is ordered", async () => {
      // dehydrated wants to be told that a challenge is valid.
      const valid = {
        at: "challenge",
        change: (answer: object) => ({ ...answer, body: '{"status":"valid"}' }),
      };
      ca.lies.push(valid as never);

      on.declare(A, B);
      await elapse({ hours: 0 });
      await expectServed(A, B);
      // On the next day, a row is added.
      await elapse();
      await elapse();
      on.declare(A, B, C);
      await elapse();
      await expectServed(A, B, C);
      const [quiet, orders] = [activations(), ca.count("order")];
      await elapse();
      await expectServed(A, B, C);
      expect([activations(), ca.count("order")]).toEqual([quiet, orders]);
      // The CA has an outage when the first two are due, and the host is down for most of a day.
      ca.lies.push({ at: "order", change: () => ({ status: 503, headers: {}, body: "" }) });
      for (const exitCode of [0, 1, 1]) {
        await elapse({ exitCode });
        await expectServed(A, B, C);
      }
      expect(Object.values(on.result()).map(({ status }) => status)).toEqual(["failed", "failed", "ok"]);
      ca.lies.length = 1;
      await elapse({ hours: 18 });
      await expectServed(A, B, C);
      expect([presented.get("domain1.test"), presented.get("mueller")].map((each) => each?.length)).toEqual([
        2, 1,
      ]);
      // The clock is set back by a day, and forth again.
      await elapse({ hours: -24 });
      expect(await on.presentedFor(A, B, C)).toEqual(on.expected(A, B, C));
      await elapse({ hours: 24 });
      await expectServed(A, B, C);
      // Another default, and a row that goes.
      on.declare(FIRST, A, C);
      await elapse();
      await expectServed(FIRST, A, C);
      expect(await on.presented("mail.example.co.uk")).toEqual(Array(3).fill(on.fingerprintOf("new.test")));
      for (let run = 1; run <= 5; run++) {
        await elapse();
        await expectServed(FIRST, A, C);
      }
      expect([presented.get("domain1.test"), presented.get("mueller")].map((each) => each?.length)).toEqual([
        3, 2,
      ]);
      expect([on.leftovers(), on.ledger().pendingActivations, on.ledger().unfinished]).toEqual([[], [], []]);
      expect(readFileSync(join(on.work, "result"), "utf8")).not.toMatch(/failed|pending/);
    });
  });
}
