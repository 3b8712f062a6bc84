import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type GroupFailure, tryHalves } from "../../../../lib/provider/host/apply/halving";

/** Tries numbers, of which some make every group fail that they are in. */
async function tried(items: readonly number[], faulty: ReadonlySet<number>, hasTime = () => true) {
  const groups: (readonly number[])[] = [];
  const reports: GroupFailure<number, string>[] = [];
  await tryHalves<number, string>(
    items,
    async (group) => {
      groups.push(group);
      return group.some((item) => faulty.has(item)) ? { suspects: group, problem: "no" } : undefined;
    },
    { hasTime, report: (failure) => reports.push(failure) },
  );
  return { groups, reported: reports.map(({ suspects }) => suspects) };
}

describe("halves of what fails", () => {
  it("GIVEN any items of which some are faulty THEN each of those is reported alone, and every other has been in a group that did not fail", async () => {
    const items = fc.uniqueArray(fc.nat(50), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(
        items,
        fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }),
        async (all, isFaulty) => {
          const faulty = new Set(all.filter((_, index) => isFaulty[index]));
          const { groups, reported } = await tried(all, faulty);
          expect(reported).toEqual(all.filter((item) => faulty.has(item)).map((item) => [item]));
          const done = groups.filter((group) => !group.some((item) => faulty.has(item))).flat();
          expect(done).toEqual(all.filter((item) => !faulty.has(item)));
        },
      ),
    );
  });

  it("GIVEN one of a thousand THEN it is found in some twenty attempts", async () => {
    const { groups, reported } = await tried([...Array(1000).keys()], new Set([700]));
    expect(reported).toEqual([[700]]);
    expect(groups.length).toBeLessThanOrEqual(21);
  });

  it("GIVEN no time THEN all suspects are reported together, after one attempt", async () => {
    const { groups, reported } = await tried([1, 2, 3], new Set([2]), () => false);
    expect([groups, reported]).toEqual([[[1, 2, 3]], [[1, 2, 3]]]);
  });

  it("GIVEN nothing to try THEN it is attempted once all the same, and what is wrong is reported of no item", async () => {
    const reports: unknown[] = [];
    await tryHalves<number, string>([], async () => ({ suspects: [], problem: "broken" }), {
      hasTime: () => true,
      report: (failure) => reports.push(failure),
    });
    expect(reports).toEqual([{ suspects: [], problem: "broken" }]);
  });

  it("GIVEN an attempt that clears some of its items THEN only the other ones are tried again", async () => {
    const groups: (readonly number[])[] = [];
    await tryHalves<number, string>(
      [1, 2, 3, 4],
      async (group) => {
        groups.push(group);
        return group.length === 4 ? { suspects: [3, 4], problem: "no" } : undefined;
      },
      { hasTime: () => true, report: () => {} },
    );
    expect(groups).toEqual([[1, 2, 3, 4], [3], [4]]);
  });
});
