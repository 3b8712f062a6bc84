import { expect, it } from "vitest";
import { inArrivalOrder } from "../../../../lib/provider/host/apply/arrival-order";
import { Part, Work } from "../../../../lib/provider/host/apply/work";
import { change } from "../support/changes";

/** A part that puts these paths, each of which the resource of that id had before. */
function part(token: string, taken: Readonly<Record<string, string>> = {}): Part {
  const work = new Work(change({ token }));
  for (const [path, owner] of Object.entries(taken))
    work.previousOwners.set(path, { stack: "s", token: owner });
  const paths = [...Object.keys(taken), `/${token}`];
  const steps = paths.map((path) => ({ do: "link", path, target: "t", replaces: true }) as const);
  return new Part(work, "qmail", steps, null);
}

const order = (...parts: Part[]) =>
  inArrivalOrder(parts).map((group) => group.map(({ work }) => work.change.token));

it("GIVEN no path that changes hands THEN all parts arrive together", () => {
  expect(order(part("a"), part("b"))).toEqual([["a", "b"]]);
  expect(order()).toEqual([]);
});

it("GIVEN a path that changes hands THEN the part that takes it comes first", () => {
  expect(order(part("a"), part("b", { "/x": "a" }), part("c"))).toEqual([["b", "c"], ["a"]]);
});

it("GIVEN a part that takes one path and gives another THEN each comes before the one that it takes from", () => {
  expect(order(part("a"), part("b", { "/x": "a" }), part("c", { "/y": "b" }))).toEqual([["c"], ["b"], ["a"]]);
});

it("GIVEN parts that take from each other, or from a resource that does not change, THEN they arrive together", () => {
  expect(order(part("a", { "/y": "b" }), part("b", { "/x": "a" }))).toEqual([["a", "b"]]);
  expect(order(part("a", { "/z": "elsewhere" }), part("b"))).toEqual([["a", "b"]]);
});
