import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { durationText, parseDuration } from "../../../lib/cli/options/duration";

const parse = parseDuration("--run-interval");

describe("parseDuration", () => {
  it("THEN what durationText writes is read as it was meant", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 366 * 24 }), (hours) => {
        expect(parse(durationText(hours * 3_600_000))).toBe(hours * 3_600_000);
      }),
    );
  });

  it.each(["", "1", "h", "0d", "-1d", "1.5d", "367d", "1e3h", "999999h", "1w", "1d\n"])(
    "GIVEN %j THEN it is refused, with what to write",
    (text) => {
      expect(() => parse(text)).toThrow("12h, 7d. [CLI_OPTION]");
    },
  );
});
