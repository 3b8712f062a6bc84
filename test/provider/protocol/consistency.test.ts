import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planViolations, resultViolations } from "../../../lib/provider/protocol/consistency";
import { initialPlan } from "../../../lib/provider/protocol/initial-plan";
import type { Attributes } from "../../../lib/provider/protocol/schema/schema";
import { conformObject, FROM_PROVIDER } from "../../../lib/provider/protocol/values/conform";
import type { ObjectValue } from "../../../lib/provider/protocol/values/value";
import { anything, configurations, mixture, schemas, states } from "./support/arbitraries";
import { planErrors, proposedNewState, resultErrors } from "./support/engine-rules";

const value = (attributes: Attributes, raw: unknown): ObjectValue =>
  conformObject(attributes, raw, FROM_PROVIDER);

/** A schema, a prior state or none, a configuration, and what a provider might make of them. */
const situations = schemas.chain((attributes) =>
  fc.record({
    attributes: fc.constant(attributes),
    prior: fc.option(states(attributes)),
    config: configurations(attributes),
    other: anything(attributes),
    another: anything(attributes),
    taken: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
  }),
);

describe("planViolations", () => {
  it("GIVEN any plan THEN it objects to what an engine objects to, and to nothing else", () => {
    fc.assert(
      fc.property(situations, ({ attributes, prior, config, other, taken }) => {
        const base = initialPlan(
          attributes,
          prior && value(attributes, prior),
          value(attributes, config),
          value(attributes, proposedNewState(attributes, prior, config)),
        );
        const planned = mixture(base, other, taken);

        const ours = planViolations(
          attributes,
          prior && value(attributes, prior),
          value(attributes, config),
          value(attributes, planned),
        );

        const theirs = planErrors(attributes, prior, config, planned);
        expect(ours.length === 0, `${theirs} / ${JSON.stringify(ours)}`).toBe(theirs.length === 0);
      }),
      { numRuns: 500 },
    );
  });
});

describe("resultViolations", () => {
  it("GIVEN any result THEN it objects to what an engine objects to, and to nothing else", () => {
    fc.assert(
      fc.property(situations, ({ attributes, other, another, taken }) => {
        const planned = value(attributes, other);
        const actual = value(attributes, mixture(other, another, taken));

        const ours = resultViolations(attributes, planned, actual);

        const theirs = resultErrors(attributes, planned, actual);
        expect(ours.length === 0, `${theirs} / ${JSON.stringify(ours)}`).toBe(theirs.length === 0);
      }),
      { numRuns: 500 },
    );
  });
});
