import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSoon } from "../../lib/shared/expiry";

const HOUR_MS = 3_600_000;
const from = new Date("2027-01-01T00:00:00Z");
const hoursLater = (hours: number) => new Date(+from + hours * HOUR_MS);

describe("isSoon", () => {
  it.each([
    ["90 days, ten days before the end", 2160, 1920, false],
    ["90 days, a moment later", 2160, 1920.01, true],
    ["a year, eleven days before the end", 8760, 8496, false],
    ["160 hours, at two thirds", 160, 106, false],
    ["160 hours, a little later", 160, 107, true],
    ["the very end", 2160, 2160, true],
    ["behind the end, which is an error of its own", 2160, 2160.01, false],
  ])("GIVEN %s", (_, lifetimeHours, ageHours, expected) => {
    expect(isSoon({ notBefore: from, notAfter: hoursLater(lifetimeHours) }, hoursLater(ageHours))).toBe(
      expected,
    );
  });

  it("GIVEN any lifetime THEN it begins once, and lasts to the end", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (hours, part) => {
          const validity = { notBefore: from, notAfter: hoursLater(hours) };
          const at = hoursLater(hours * part);
          if (isSoon(validity, at))
            expect(isSoon(validity, new Date(Math.min(+at + HOUR_MS, +validity.notAfter)))).toBe(true);
          if (part < 0.66) expect(isSoon(validity, at)).toBe(false);
        },
      ),
    );
  });
});
