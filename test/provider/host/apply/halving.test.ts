import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type GroupFailure, tryHalves } from "../../../../lib/provider/host/apply/halving";

/** Tries groups of numbers; a group with a faulty number fails. */
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

describe("tryHalves", () => {
  it("GIVEN some faulty items THEN each is reported alone, and every other item was in a group that succeeded", async () => {
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

  it("GIVEN one faulty item of a thousand THEN it is found in about twenty attempts", async () => {
    const { groups, reported } = await tried([...Array(1000).keys()], new Set([700]));
    expect(reported).toEqual([[700]]);
    expect(groups.length).toBeLessThanOrEqual(21);
  });

  it("GIVEN no time is left THEN all suspects are reported together after one attempt", async () => {
    const { groups, reported } = await tried([1, 2, 3], new Set([2]), () => false);
    expect([groups, reported]).toEqual([[[1, 2, 3]], [[1, 2, 3]]]);
  });

  it("GIVEN no items THEN there is one attempt, and its failure is reported without suspects", async () => {
    const reports: unknown[] = [];
    await tryHalves<number, string>([], async () => ({ suspects: [], problem: "broken" }), {
      hasTime: () => true,
      report: (failure) => reports.push(failure),
    });
    expect(reports).toEqual([{ suspects: [], problem: "broken" }]);
  });

  it("GIVEN a failure that names its suspects THEN only these are tried again", async () => {
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
