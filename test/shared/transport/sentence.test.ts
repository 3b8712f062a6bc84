import { expect, it } from "vitest";
import { sentence } from "../../../lib/shared/transport/sentence";

it.each([
  ["It is not there", "It is not there."],
  ["Is it there?", "Is it there?"],
  ["It is there.", "It is there."],
])("GIVEN %j THEN it ends once: %j", (words, whole) => {
  expect(sentence(words)).toBe(whole);
});
