import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { certificateState } from "../../../../lib/cli/status/overview/certificate-state";

const HOUR_MS = 3_600_000;
const AT = new Date("2026-12-01T00:00:00Z");
const hours = (number: number) => new Date(+AT + number * HOUR_MS);

const stateOf = (notAfter: Date | null, renewAt: Date | null, intervalHours = 24) =>
  certificateState(
    { fingerprintSha256: null, issuer: null, hosts: [], notAfter, renewAt },
    { at: AT, runIntervalMs: intervalHours * HOUR_MS },
  );

describe("certificateState", () => {
  it.each([
    ["unknown", null, null, 24],
    ["unknown", null, -100, 24],
    ["expired", 0, 1, 24],
    ["expired", -1, -100, 24],
    ["current", 1, null, 24],
    ["current", 100, 1, 24],
    ["due", 100, 0, 24],
    ["due", 100, -48, 24],
    ["overdue", 100, -49, 24],
    ["overdue", 100, -25, 12],
    ["due", 100, -49, 168],
  ] as const)(
    "THEN it is %s GIVEN an end in %s h, a renewal in %s h and a run every %s h",
    (state, end, renewal, interval) => {
      expect(
        stateOf(end === null ? null : hours(end), renewal === null ? null : hours(renewal), interval),
      ).toBe(state);
    },
  );

  it("GIVEN more time between two runs THEN nothing becomes more urgent", () => {
    const order = ["current", "due", "overdue"];
    fc.assert(
      fc.property(
        fc.integer({ min: -5000, max: 5000 }),
        fc.integer({ min: 1, max: 1000 }),
        (renewal, interval) => {
          const [often, seldom] = [interval, interval * 2].map((one) =>
            stateOf(hours(1), hours(renewal), one),
          );
          expect(order.indexOf(seldom as string)).toBeLessThanOrEqual(order.indexOf(often as string));
        },
      ),
    );
  });
});
