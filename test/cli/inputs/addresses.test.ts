import { describe, expect, it } from "vitest";
import { resolvedAddresses } from "../../../lib/cli/inputs/addresses";

const NAMES = Array.from({ length: 20 }, (_, index) => `n${index}.tld`);

function refused(code: string): Promise<never> {
  return Promise.reject(Object.assign(new Error(code), { code }));
}

describe("resolvedAddresses", () => {
  it("GIVEN names with and without addresses THEN the map has the former, each address once, and an address is its own", async () => {
    const addressesOf = async (name: string) =>
      name === "a.tld" ? ["192.0.2.2", "192.0.2.1", "192.0.2.2"] : refused("ENOTFOUND");
    const { addresses, unanswered, cut } = await resolvedAddresses(["a.tld", "b.tld", "a.tld"], {
      addressesOf,
    });
    expect(addresses).toEqual(new Map([["a.tld", ["192.0.2.1", "192.0.2.2"]]]));
    expect([unanswered, cut]).toEqual([[], []]);
    expect((await resolvedAddresses(["192.0.2.7"])).addresses.get("192.0.2.7")).toEqual(["192.0.2.7"]);
  });

  it("GIVEN a name that no resolver can ask for THEN it has no address", async () => {
    const { addresses, unanswered } = await resolvedAddresses(["a\0b"]);
    expect([addresses.size, unanswered]).toEqual([0, []]);
  });

  it("GIVEN addresses without end THEN sixteen are taken, and that is said", async () => {
    const many = Array.from({ length: 4000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
    const { addresses, cut } = await resolvedAddresses(["a.tld"], { addressesOf: async () => many });
    expect(addresses.get("a.tld")).toHaveLength(16);
    expect(cut).toEqual(["a.tld"]);
  });

  it("GIVEN a server that fails for some names THEN it is not known whether they have addresses, and the others are asked", async () => {
    const addressesOf = async (name: string) => (name < "n15" ? refused("EAI_AGAIN") : ["192.0.2.1"]);
    const { addresses, unanswered } = await resolvedAddresses(NAMES, { addressesOf });
    expect(unanswered).toEqual(NAMES.filter((name) => name < "n15").sort());
    expect(addresses.size + unanswered.length).toBe(NAMES.length);
  });

  it("GIVEN a resolver that never answers THEN all names are told, and it was not asked for each", async () => {
    const asked: string[] = [];
    const { addresses, unanswered } = await resolvedAddresses(NAMES, {
      addressesOf: (name) => {
        asked.push(name);
        return new Promise(() => {});
      },
      silenceMs: 20,
    });
    expect(addresses.size).toBe(0);
    expect(unanswered).toEqual([...NAMES].sort());
    expect(asked.length).toBeLessThan(NAMES.length);
  });
});
