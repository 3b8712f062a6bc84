import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import {
  type CommitState,
  hasHeard,
  isFinal,
  next,
  type OpenState,
  TRANSITIONS,
} from "../../../../lib/provider/host/apply/commit-states";

const TABLE = Object.entries(TRANSITIONS).flatMap(([from, outcomes]) =>
  Object.entries(outcomes).map(([outcome, to]) => ({
    from: from as OpenState,
    outcome,
    to: to as CommitState,
  })),
);

/** Every path of states from a state to a final one. */
function waysOn(from: CommitState, way: readonly CommitState[]): (readonly CommitState[])[] {
  const here = [...way, from];
  if (way.includes(from)) throw new Error(`a ring: ${here.join(" → ")}`);
  return isFinal(from)
    ? [here]
    : TABLE.filter((row) => row.from === from).flatMap(({ to }) => waysOn(to, here));
}

const WAYS = waysOn("staged", []);

/** The table of states in `docs/architecture.md`, in the same form. */
function documented(): typeof TABLE {
  const page = readFileSync(resolve(__dirname, "../../../../docs/architecture.md"), "utf8");
  const rows = page
    .slice(page.indexOf("| state of a service's files |"))
    .split("\n\n")[0]
    ?.split("\n")
    .slice(2);
  return (rows ?? []).flatMap((row) => {
    const [, from, , outcomes] = row.split("|").map((cell) => cell.trim());
    return [...(outcomes ?? "").matchAll(/([a-z ]+) → `([a-z]+)`/g)].map(([, outcome, to]) => ({
      from: from?.replaceAll("`", "") as OpenState,
      outcome: outcome?.trim() ?? "",
      to: to as CommitState,
    }));
  });
}

describe("the states of a commit", () => {
  it("match the table in docs/architecture.md", () => {
    expect(documented()).toEqual(TABLE);
  });

  it("lead to one of four final states, without a cycle", () => {
    expect(new Set(WAYS.map((way) => way.at(-1)))).toEqual(
      new Set(["confirmed", "unconfirmed", "untold", "undone"]),
    );
  });

  it("are all reachable from `staged`", () => {
    expect(new Set(WAYS.flat())).toEqual(new Set(TABLE.flatMap(({ from, to }) => [from, to])));
  });

  it("activate no configuration that was not checked", () => {
    for (const way of WAYS.filter((each) => each.includes("told"))) {
      const before = way.slice(0, way.indexOf("told"));
      expect(before.slice(0, 2)).toEqual(["staged", "swapped"]);
      expect(["checked", "broken"]).toContain(before.at(-1));
    }
  });

  it("are confirmed or unconfirmed only after an activation", () => {
    for (const way of WAYS) {
      const last = way.at(-1) as CommitState;
      expect(last === "undone" || hasHeard(last) === way.includes("told")).toBe(true);
      expect(["confirmed", "unconfirmed"].includes(last) && !way.includes("told")).toBe(false);
    }
  });

  it("can be undone from each state that is not final", () => {
    const undone = new Set(TABLE.filter(({ to }) => to === "undone").map(({ from }) => from));
    expect(undone).toEqual(new Set(Object.keys(TRANSITIONS)));
    for (const state of ["confirmed", "unconfirmed", "untold", "undone"] as const)
      expect(isFinal(state)).toBe(true);
  });

  it("WHEN a part is undone THEN the service may have loaded it from `told` on, and not before", () => {
    const states = [...new Set(WAYS.flat())];
    expect(states.filter(hasHeard).sort()).toEqual(["confirmed", "told", "unconfirmed"]);
  });

  it("GIVEN an outcome that a state does not have THEN `next` throws", () => {
    expect(next("staged", "swapped in")).toBe("swapped");
    expect(() => next("staged", "presented")).toThrow(RangeError);
    expect(() => next("staged", "constructor")).toThrow(RangeError);
  });
});
