import { describe, expect, it } from "vitest";
import type { AttributeType } from "../../../../lib/provider/protocol/schema/schema";
import { equalValues } from "../../../../lib/provider/protocol/values/equality";
import { UNKNOWN } from "../../../../lib/provider/protocol/values/unknown";
import { InexactNumber, type Value } from "../../../../lib/provider/protocol/values/value";

const string = { kind: "string" } as const;
const list = { kind: "list", element: string } as const;
const set = { kind: "set", element: string } as const;
const map = { kind: "map", element: string } as const;
const number = { kind: "number" } as const;

describe("equalValues", () => {
  it.each<[string, AttributeType, Value, Value, boolean]>([
    ["the same letter, composed and decomposed", string, "\u00e9", "e\u0301", true],
    ["letters of other case", string, "a", "A", false],
    ["a list in another order", list, ["a", "b"], ["b", "a"], false],
    ["a set in another order", set, ["a", "b"], ["b", "a"], true],
    ["a set with an element twice", set, ["a", "a"], ["a"], true],
    ["a set with another element", set, ["a"], ["a", "b"], false],
    ["a map in another order", map, { a: "1", b: "2" }, { b: "2", a: "1" }, true],
    ["a map with another key", map, { a: "1" }, { b: "1" }, false],
    ["null and empty", list, null, [], false],
    ["unknown and unknown", string, UNKNOWN, UNKNOWN, true],
    ["unknown and known", string, UNKNOWN, "a", false],
    ["zero and minus zero", number, 0, -0, true],
    [
      "the same digits",
      number,
      new InexactNumber("0.10000000000000000001"),
      new InexactNumber("10000000000000000001e-20"),
      true,
    ],
    ["neighbours beyond 2^53", number, new InexactNumber("9007199254740993"), 9007199254740992, false],
  ])("GIVEN %s THEN as Terraform sees it", (_title, type, a, b, equal) => {
    expect(equalValues(type, a, b)).toBe(equal);
    expect(equalValues(type, b, a)).toBe(equal);
  });
});
