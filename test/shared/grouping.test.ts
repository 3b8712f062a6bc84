import { describe, expect, it } from "vitest";
import { chunksOf, groupBy, mostCommon, zip } from "../../lib/shared/grouping";

describe("groupBy", () => {
  it("THEN groups come in the order of their first items, and items in their own", () => {
    const groups = groupBy(["b1", "a1", "b2"], ([letter]) => letter);
    expect([...groups]).toEqual([
      ["b", ["b1", "b2"]],
      ["a", ["a1"]],
    ]);
  });
});

describe("zip", () => {
  it("GIVEN lists of one length THEN each item has its partner, undefined among them", () => {
    expect(zip(["a", "b"], [1, undefined])).toEqual([
      ["a", 1],
      ["b", undefined],
    ]);
  });

  it.each([
    { left: ["a"], right: [] },
    { left: [], right: ["a"] },
  ])("GIVEN $left and $right THEN nothing is paired", ({ left, right }) => {
    expect(() => zip(left, right)).toThrow(RangeError);
  });
});

describe("chunks", () => {
  it("THEN they have the items in order, and none is larger", () => {
    expect(chunksOf([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
    expect(chunksOf([1, 2], 2)).toEqual([[1, 2]]);
    expect(chunksOf([], 2)).toEqual([]);
  });
});

describe("the most common value", () => {
  it("GIVEN several that are as common THEN it is the first; GIVEN none THEN undefined", () => {
    expect(mostCommon(["a", "b", "b", "c", "c"])).toBe("b");
    expect(mostCommon([])).toBeUndefined();
  });
});
