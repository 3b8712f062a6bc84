import { describe, expect, it } from "vitest";
import { checkConfiguration } from "../../../lib/provider/protocol/configuration";
import { Diagnostics } from "../../../lib/provider/protocol/diagnostics";
import { attribute } from "../../../lib/provider/protocol/schema/schema";
import { UNKNOWN } from "../../../lib/provider/protocol/values/unknown";
import type { ObjectValue, Value } from "../../../lib/provider/protocol/values/value";

const colour = attribute.choice(["red", "blue"], { description: "", optional: true });
const attributes = {
  colour,
  frame: attribute.object({ colour }, { description: "", optional: true }),
  walls: attribute.objects({ colour }, { description: "", optional: true }),
  rooms: attribute.objectMap({ colour }, { description: "", optional: true }),
};

function found(configuration: ObjectValue) {
  const diagnostics = new Diagnostics();
  checkConfiguration(attributes, configuration, diagnostics);
  return diagnostics.all;
}

describe("an attribute with choices", () => {
  it("GIVEN one of them, none, or what is not known yet THEN it is accepted, at any depth", () => {
    for (const value of ["blue", null, UNKNOWN] satisfies Value[]) {
      const part: ObjectValue = { colour: value };
      expect(found({ ...part, frame: part, walls: [part, part], rooms: { hall: part } })).toEqual([]);
    }
    expect(found({ frame: UNKNOWN, walls: [UNKNOWN], rooms: null })).toEqual([]);
  });

  it("GIVEN another string THEN it is refused where it stands, with the choices", () => {
    const part = { colour: "Red" };
    const problems = found({ ...part, frame: part, walls: [{ colour: "red" }, part], rooms: { hall: part } });
    expect(problems.map(({ path }) => path)).toEqual([
      ["colour"],
      ["frame", "colour"],
      ["walls", 1, "colour"],
      ["rooms", "hall", "colour"],
    ]);
    expect(problems[0]).toMatchObject({
      severity: "error",
      summary: "Value not allowed",
      detail: '"Red" is not allowed. Use one of "red", "blue".',
    });
  });
});
