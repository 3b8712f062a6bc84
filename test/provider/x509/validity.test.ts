import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renewalTime, validityFrom } from "../../../lib/provider/x509/validity";
import { rfc3339 } from "../../../lib/shared/time/rfc3339";

const HOUR = 3_600_000;
const now = fc.date({ min: new Date("2020-01-01"), max: new Date("2100-01-01"), noInvalidDate: true });
const hours = fc.integer({ min: 1, max: 876_000 });

describe("validityFrom", () => {
  it("GIVEN now and hours THEN it begins five minutes before and ends so many hours after, in whole seconds", () => {
    const { notBefore, notAfter } = validityFrom(new Date("2026-03-01T12:00:00.999Z"), 24);
    expect(rfc3339(notBefore)).toBe("2026-03-01T11:55:00Z");
    expect(rfc3339(notAfter)).toBe("2026-03-02T12:00:00Z");
  });

  it("GIVEN an issuer that ends earlier THEN it ends with the issuer, else as asked", () => {
    const start = new Date("2026-03-01T12:00:00Z");
    const ends = new Date("2026-03-02T00:00:00Z");
    expect(validityFrom(start, 24, ends).notAfter).toEqual(ends);
    expect(rfc3339(validityFrom(start, 6, ends).notAfter)).toBe("2026-03-01T18:00:00Z");
  });
});

describe("renewalTime", () => {
  it("GIVEN any validity of its own length THEN it is so many hours before the end", () => {
    fc.assert(
      fc.property(now, hours, fc.nat(), (start, validityHours, seed) => {
        const renewBefore = seed % validityHours;
        const validity = validityFrom(start, validityHours);
        const due = renewalTime(validity, validityHours, renewBefore);
        expect(Math.abs(+validity.notAfter - +due - renewBefore * HOUR)).toBeLessThanOrEqual(1000);
      }),
    );
  });

  it("GIVEN any issuer that cuts it short THEN it is due after its issue and not after its end", () => {
    fc.assert(
      fc.property(
        now,
        hours,
        fc.nat(),
        fc.integer({ min: 60, max: 1_000_000 }),
        (start, validityHours, seed, left) => {
          const validity = validityFrom(start, validityHours, new Date(+start + left * 1000));
          const due = renewalTime(validity, validityHours, seed % validityHours);
          expect(+due).toBeGreaterThanOrEqual(Math.floor(+start / 1000) * 1000 - 1000);
          expect(+due).toBeLessThanOrEqual(+validity.notAfter);
        },
      ),
    );
  });
});
