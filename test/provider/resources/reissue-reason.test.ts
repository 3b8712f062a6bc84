import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../lib/provider/protocol/values/unknown";
import {
  appliedReason,
  differs,
  firstReason,
  type PlannedReason,
  type PossibleReason,
  type ReissueReason,
  reissueReasonAttribute,
} from "../../../lib/provider/resources/reissue-reason";

const WORDS = ["key", "names", "due"] as const satisfies readonly ReissueReason[];

const possible = fc.array(
  fc.tuple(fc.constantFrom(...WORDS), fc.constantFrom(true, false, UNKNOWN)),
) as fc.Arbitrary<PossibleReason[]>;

describe("the first reason", () => {
  it("GIVEN any reasons THEN it is null only if none applies, whatever unknown values turn out to be", () => {
    fc.assert(
      fc.property(possible, (reasons) => {
        const found = firstReason(reasons);
        expect(found === null).toBe(reasons.every(([, applies]) => applies === false));
      }),
    );
  });

  it("GIVEN unknown values that become known THEN a reason that was known stays the reason", () => {
    fc.assert(
      fc.property(possible, fc.infiniteStream(fc.boolean()), (reasons, outcomes) => {
        const known = reasons.map(([reason, applies]): PossibleReason => {
          return [reason, applies === UNKNOWN ? Boolean(outcomes.next().value) : applies];
        });
        const planned = firstReason(reasons);
        if (planned !== UNKNOWN) expect(firstReason(known)).toBe(planned);
      }),
    );
  });
});

describe("an input of a certificate", () => {
  it.each([
    ["the same", "a", "a", false],
    ["another", "a", "b", true],
    ["none any more", "a", null, true],
    ["not known yet", "a", UNKNOWN, UNKNOWN],
  ] as const)("GIVEN it is %s THEN that is the difference", (_, present, wanted, expected) => {
    expect(differs<string | null>(present, wanted)).toBe(expected);
  });
});

describe("the reason after an apply", () => {
  it.each<[string, PlannedReason, PlannedReason, ReissueReason | null, ReissueReason | null]>([
    ["a plan with a reason, and the same found", "due", "due", null, "due"],
    [
      "a plan with a reason, and nothing to reissue after all",
      "optional names",
      null,
      "key",
      "optional names",
    ],
    ["a plan that reissues nothing", "key", null, "key", "key"],
    ["a first certificate", null, null, null, null],
    ["a plan with an unknown reason, and one found", UNKNOWN, "names", "due", "names"],
    ["a plan with an unknown reason, and nothing to reissue after all", UNKNOWN, null, "due", "due"],
  ])("GIVEN %s THEN it is what an engine accepts", (_, planned, found, prior, expected) => {
    expect(appliedReason(planned, found, prior)).toBe(expected);
  });
});

it("GIVEN reasons of a resource THEN its attribute describes each, and is computed alone", () => {
  const { description, computed, ...others } = reissueReasonAttribute(["due", "key"]);
  expect(computed).toBe(true);
  expect(others).not.toHaveProperty("optional");
  expect(description).toContain("`due` (its renewal is due), `key` (`key_algorithm` changed)");
});
