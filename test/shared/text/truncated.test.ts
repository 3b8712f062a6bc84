import { describe, expect, it } from "vitest";
import { truncated } from "../../../lib/shared/text/truncated";

describe("truncated", () => {
  it.each([
    ["", ""],
    ["abcd", "abcd"],
    ["abcde", "abc…"],
  ])("GIVEN %j and at most four characters THEN %j", (text, expected) => {
    expect(truncated(text, 4)).toBe(expected);
  });
});
