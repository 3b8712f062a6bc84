import { describe, expect, it } from "vitest";
import { killsOf, SHARES } from "./kills";

const suites = Object.keys(SHARES) as (keyof typeof SHARES)[];
const inAll = (kills?: number) => suites.reduce((total, suite) => total + killsOf(suite, kills), 0);

describe("the kills of all suites together", () => {
  it.each([70, 140, 1400])("GIVEN %i THEN the suites' shares are as many", (kills) => {
    expect(inAll(kills)).toBe(kills);
  });

  it("GIVEN a number that cannot be divided THEN they are a few more, and each suite has some", () => {
    expect(inAll(7)).toBeGreaterThanOrEqual(7);
    expect(inAll(7)).toBeLessThan(7 + suites.length);
    expect(Math.min(...suites.map((suite) => killsOf(suite, 1)))).toBe(1);
  });
});
