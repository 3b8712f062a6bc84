import { expect, it } from "vitest";
import { RepeatedLines } from "../../../lib/cli/output/repeated-lines";

it("GIVEN a line of the round before THEN it is not said again; after a round without it, it is", () => {
  const said: string[] = [];
  const lines = new RepeatedLines((line) => said.push(line));
  for (const round of [["a"], ["a", "b"], ["b"], ["a"]]) {
    lines.nextRound();
    for (const line of round) lines.say(line);
  }
  expect(said).toEqual(["a", "b", "a"]);
});
