import { describe, expect, it } from "vitest";
import { problemAtAny } from "../../../lib/shared/http/challenge-look";

describe("a look at the addresses of a name", () => {
  const addresses = (count: number) =>
    Array.from({ length: count }, (_, index) => `10.0.${index >> 8}.${index & 255}`);

  it("GIVEN a name with thousands of addresses THEN sixteen are asked", async () => {
    const seen: string[] = [];
    const problem = await problemAtAny(addresses(4000), async (address) => {
      seen.push(address);
      return null;
    });
    expect({ problem, seen }).toEqual({ problem: null, seen: addresses(16) });
  });

  it("GIVEN problems at some addresses THEN the first is told", async () => {
    const problemOf = async (address: string) => (/\.[35]$/.test(address) ? `${address} is closed` : null);
    expect(await problemAtAny(addresses(9), problemOf)).toBe("10.0.0.3 is closed");
  });
});
