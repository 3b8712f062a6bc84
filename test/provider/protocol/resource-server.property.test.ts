import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Attributes } from "../../../lib/provider/protocol/schema/schema";
import { anything, configurations, mixture, SECRET, schemas, states } from "./support/arbitraries";
import { errorsOf, unwire, unwireObject, wire } from "./support/client";
import { isKnown, planErrors, proposedNewState, resultErrors } from "./support/engine-rules";
import { complete, RandomProvider, withoutWriteOnly } from "./support/random-resource";

type Fields = Record<string, unknown>;

const provider = new RandomProvider();
beforeAll(() => provider.start());
afterAll(() => provider.stop());

/** What an engine asks of a plan. */
async function plan(typeName: string, attributes: Attributes, prior: Fields | null, config: Fields) {
  return provider.client.call("PlanResourceChange", {
    type_name: typeName,
    prior_state: wire(prior),
    proposed_new_state: wire(proposedNewState(attributes, prior, config)),
    config: wire(config),
  });
}

async function apply(typeName: string, prior: Fields | null, config: Fields, planned: Fields | null) {
  return provider.client.call("ApplyResourceChange", {
    type_name: typeName,
    prior_state: wire(prior),
    planned_state: wire(planned),
    config: wire(config),
  });
}

const writeOnlyValues = (attributes: Attributes, object: Fields) =>
  Object.entries(attributes)
    .filter(([name, { writeOnly }]) => writeOnly && object[name] !== null)
    .map(([name]) => name);

describe("a resource that plans nothing and applies what is planned", () => {
  it("GIVEN any schema and configuration THEN an engine accepts plan, second plan, result and update", async () => {
    const lives = schemas.chain((attributes) =>
      fc.record({
        attributes: fc.constant(attributes),
        config: configurations(attributes),
        next: configurations(attributes),
      }),
    );
    await fc.assert(
      fc.asyncProperty(lives, async ({ attributes, config, next }) => {
        const type = provider.add(attributes, {});
        let state: Fields | null = null;
        for (const wanted of [config, next]) {
          const first = await plan(type, attributes, state, wanted);
          expect(errorsOf(first)).toEqual([]);
          const planned = unwireObject(first.planned_state);
          expect(planErrors(attributes, state, wanted, planned)).toEqual([]);
          expect(writeOnlyValues(attributes, planned)).toEqual([]);

          // The engine plans again when all is known: what was known stays.
          const known = complete(attributes, wanted);
          const second = await plan(type, attributes, state, known);
          const plannedAgain = unwireObject(second.planned_state);
          expect(planErrors(attributes, state, known, plannedAgain)).toEqual([]);
          expect(resultErrors(attributes, planned, plannedAgain)).toEqual([]);

          const applied = await apply(type, state, known, plannedAgain);
          expect(errorsOf(applied)).toEqual([]);
          state = unwireObject(applied.new_state);
          expect(resultErrors(attributes, plannedAgain, state)).toEqual([]);
          expect(isKnown(state)).toBe(true);
          expect(writeOnlyValues(attributes, state)).toEqual([]);

          // Nothing changes when nothing changes.
          const read = await provider.client.call("ReadResource", {
            type_name: type,
            current_state: wire(state),
          });
          expect(unwire(read.new_state)).toEqual(state);
          const third = await plan(type, attributes, state, known);
          expect(resultErrors(attributes, unwireObject(third.planned_state), state)).toEqual([]);
        }
        const deleted = await apply(type, state, {}, null);
        expect(errorsOf(deleted)).toEqual([]);
        expect(unwire(deleted.new_state)).toBeNull();
      }),
      { numRuns: 100 },
    );
  });
});

describe("a resource that does what it likes", () => {
  const mischief = schemas.chain((attributes) =>
    fc.record({
      attributes: fc.constant(attributes),
      prior: fc.option(states(attributes)),
      config: configurations(attributes),
      junk: anything(attributes),
      taken: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    }),
  );

  it("GIVEN any plan THEN what an engine would refuse is an error already, without a secret in it", async () => {
    await fc.assert(
      fc.asyncProperty(mischief, async ({ attributes, prior, config, junk, taken }) => {
        const type = provider.add(attributes, {
          plan: ({ planned }) => void Object.assign(planned, mixture(planned as Fields, junk, taken)),
        });

        const response = await plan(type, attributes, prior, config);

        expect(JSON.stringify(response.diagnostics)).not.toContain(SECRET);
        if (errorsOf(response).length > 0) return;
        expect(planErrors(attributes, prior, config, unwireObject(response.planned_state))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it("GIVEN any result THEN what an engine would refuse is an error already, and the state can be stored", async () => {
    await fc.assert(
      fc.asyncProperty(mischief, async ({ attributes, prior, config, junk, taken }) => {
        const outcome = async ({ planned }: { planned: unknown }) => ({
          state: mixture(complete(attributes, planned as Fields), junk, taken),
        });
        const type = provider.add(attributes, { create: outcome, update: outcome });
        const known = complete(attributes, config);
        const planned = unwireObject((await plan(type, attributes, prior, known)).planned_state);

        const response = await apply(type, prior, known, planned);

        expect(JSON.stringify(response.diagnostics)).not.toContain(SECRET);
        const state = unwireObject(response.new_state);
        expect(isKnown(state)).toBe(true);
        expect(writeOnlyValues(attributes, state)).toEqual([]);
        if (errorsOf(response).length > 0) return;
        expect(resultErrors(attributes, planned, state)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it("GIVEN any object read THEN the state can be stored, and is the old one after an error", async () => {
    await fc.assert(
      fc.asyncProperty(mischief, async ({ attributes, prior, junk }) => {
        const state = prior ?? withoutWriteOnly(attributes, complete(attributes, junk));
        const type = provider.add(attributes, { read: async () => ({ state: junk }) });

        const response = await provider.client.call("ReadResource", {
          type_name: type,
          current_state: wire(state),
        });

        const read = unwireObject(response.new_state);
        expect(isKnown(read)).toBe(true);
        expect(writeOnlyValues(attributes, read)).toEqual([]);
        if (errorsOf(response).length > 0) expect(read).toEqual(unwire(wire(state)));
      }),
      { numRuns: 100 },
    );
  });
});
