import { describe, expect, it } from "vitest";
import { initialPlan } from "../../../lib/provider/protocol/initial-plan";
import { attribute } from "../../../lib/provider/protocol/schema/schema";
import { UNKNOWN } from "../../../lib/provider/protocol/values/unknown";
import type { ObjectValue } from "../../../lib/provider/protocol/values/value";
import { proposedNewState } from "./support/engine-rules";

const computed = attribute.string({ description: "", computed: true });
const both = attribute.string({ description: "", optional: true, computed: true });
const text = attribute.string({ description: "", optional: true });
const inner = { text, both, computed };
const attributes = {
  ...inner,
  secret: attribute.string({ description: "", optional: true, writeOnly: true }),
  map: attribute.objectMap(inner, { description: "", optional: true }),
  list: attribute.objects(inner, { description: "", optional: true }),
  one: attribute.object(inner, { description: "", optional: true }),
  chosen: attribute.object(inner, { description: "", optional: true, computed: true }),
};

const NOTHING = { text: null, both: null, computed: null };
const CONFIG = { ...NOTHING, secret: null, map: null, list: null, one: null, chosen: null };
const FOUND = { text: "t", both: "b", computed: "c" };
const STATE = { ...FOUND, secret: null, map: null, list: null, one: null, chosen: null };

/** The plan for these changes of `CONFIG` and `STATE`, from what an engine proposes. */
function planned(config: object, state: object | null = null): Record<string, unknown> {
  const [wanted, prior] = [{ ...CONFIG, ...config }, state && { ...STATE, ...state }];
  const proposed = proposedNewState(attributes, prior, wanted);
  return initialPlan(
    attributes,
    prior as ObjectValue | null,
    wanted as unknown as ObjectValue,
    proposed as ObjectValue,
  ) as Record<string, unknown>;
}

describe("initialPlan", () => {
  it("GIVEN a create THEN what is computed and not configured is unknown, at every depth", () => {
    const fresh = { text: null, both: UNKNOWN, computed: UNKNOWN };
    const config = { text: "x", map: { k: NOTHING }, list: [NOTHING], one: NOTHING, chosen: NOTHING };
    expect(planned(config)).toEqual({
      ...fresh,
      text: "x",
      secret: null,
      map: { k: fresh },
      list: [fresh],
      one: fresh,
      chosen: fresh,
    });
    expect(planned({}).chosen).toBe(UNKNOWN);
  });

  it("GIVEN a create and a value for what may be computed THEN the value", () => {
    expect(planned({ both: "x", secret: "y" })).toMatchObject({ both: "x", secret: null });
  });

  it("GIVEN an update THEN what is computed keeps its value, null too", () => {
    expect(planned({}, {})).toMatchObject({ text: null, both: "b", computed: "c" });
    expect(planned({}, { both: null, computed: null })).toMatchObject({ both: null, computed: null });
  });

  it("GIVEN a new element beside an old one THEN the old one keeps its values, and the new one's are unknown", () => {
    const kept = { text: null, both: "b", computed: "c" };
    const fresh = { text: null, both: UNKNOWN, computed: UNKNOWN };
    const config = { map: { old: NOTHING, fresh: NOTHING }, list: [NOTHING, NOTHING], one: NOTHING };
    const plan = planned(config, { map: { old: FOUND }, list: [FOUND], one: null });
    expect(plan).toMatchObject({ map: { old: kept, fresh }, list: [kept, fresh], one: fresh });
  });

  it("GIVEN an element named like something of every object THEN it is a new one like any other", () => {
    const { map } = planned({ map: { constructor: NOTHING } }, { map: { other: FOUND } });
    expect(map).toEqual({ constructor: { text: null, both: UNKNOWN, computed: UNKNOWN } });
  });

  it("GIVEN a computed object that is configured no longer THEN it is unknown, not what was configured", () => {
    expect(planned({}, { chosen: FOUND }).chosen).toBe(UNKNOWN);
    expect(planned({}, { chosen: { text: null, both: "b", computed: "c" } }).chosen).toMatchObject({
      both: "b",
    });
  });

  it("GIVEN what is not known yet THEN it stays so", () => {
    const config = { text: UNKNOWN, both: UNKNOWN, map: UNKNOWN, list: [{ ...NOTHING, text: UNKNOWN }] };
    expect(planned(config, { list: [FOUND], map: { k: FOUND } })).toMatchObject({
      text: UNKNOWN,
      both: UNKNOWN,
      map: UNKNOWN,
      list: [{ text: UNKNOWN, both: "b", computed: "c" }],
    });
  });
});
