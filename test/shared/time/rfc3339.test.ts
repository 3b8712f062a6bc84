import { describe, expect, it } from "vitest";
import { isRfc3339, parsedRfc3339, rfc3339 } from "../../../lib/shared/time/rfc3339";

const CHRISTMAS = new Date(Date.UTC(2026, 11, 24, 18));

describe("times of RFC 3339", () => {
  it.each([
    "2026-12-24T18:00:00Z",
    "2026-12-24T18:00:00.000Z",
    "2026-12-24T19:00:00+01:00",
    "2026-12-24T12:30:00.000000000-05:30",
  ])("GIVEN %s THEN it is parsed", (text) => {
    expect(parsedRfc3339(text)).toEqual(CHRISTMAS);
  });

  it.each([
    "2026-12-24T18:00:00",
    "2026-12-24",
    "12",
    "24 Dec 2026 18:00:00 GMT",
    "2026-13-24T18:00:00Z",
    "",
  ])("GIVEN %j, which Date would take for some time THEN it is refused", (text) => {
    expect({ parsed: parsedRfc3339(text), is: isRfc3339(text) }).toEqual({ parsed: null, is: false });
  });

  it("THEN what is written is recognised, and nothing else is", () => {
    expect(isRfc3339(rfc3339(new Date(+CHRISTMAS + 999)))).toBe(true);
    expect(isRfc3339("2026-12-24T18:00:00.000Z")).toBe(false);
    expect(isRfc3339("2026-99-99T99:99:99Z")).toBe(false);
  });
});
