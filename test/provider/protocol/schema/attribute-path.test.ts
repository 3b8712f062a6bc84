import { describe, expect, it } from "vitest";
import {
  attributePathMessage,
  formatPath,
  pathFitsSchema,
} from "../../../../lib/provider/protocol/schema/attribute-path";
import { attribute } from "../../../../lib/provider/protocol/schema/schema";
import { stepsOf } from "../support/client";

const optional = { description: "", optional: true } as const;
const attributes = {
  name: attribute.string(optional),
  list: attribute.list("string", optional),
  set: attribute.set("string", optional),
  files: attribute.objectMap({ mode: attribute.string(optional) }, optional),
  ports: attribute.objects({ port: attribute.number(optional) }, optional),
  one: attribute.object({ inner: attribute.string(optional) }, optional),
};

describe("attributePathMessage", () => {
  it.each([
    [
      ["files", "/etc/a", "mode"],
      [{ attribute_name: "files" }, { element_key_string: "/etc/a" }, { attribute_name: "mode" }],
    ],
    [
      ["ports", 0, "port"],
      [{ attribute_name: "ports" }, { element_key_int: 0 }, { attribute_name: "port" }],
    ],
    [
      ["one", "inner"],
      [{ attribute_name: "one" }, { attribute_name: "inner" }],
    ],
    [
      ["list", 2],
      [{ attribute_name: "list" }, { element_key_int: 2 }],
    ],
  ])("GIVEN %j THEN each step is of its kind", (path, steps) => {
    expect(attributePathMessage(attributes, path)).toEqual({ steps });
    expect(pathFitsSchema(attributes, path)).toBe(true);
  });

  it.each([
    [["nothing"], []],
    [["name", "inner"], ["name"]],
    [["set", 0], ["set"]],
    [["files", 0], ["files"]],
    [
      ["files", "/etc/a", "colour"],
      ["files", "/etc/a"],
    ],
    [["ports", "0"], ["ports"]],
    [["toString"], []],
  ])("GIVEN %j, which the schema does not have, THEN it ends at %j", (path, known) => {
    expect(stepsOf(attributePathMessage(attributes, path))).toEqual(known);
    expect(pathFitsSchema(attributes, path)).toBe(false);
  });
});

describe("formatPath", () => {
  it("THEN it reads as in a configuration", () => {
    expect(formatPath(["files", "/etc/a", "mode"])).toBe('files["/etc/a"].mode');
    expect(formatPath(["ports", 0, "port"])).toBe("ports[0].port");
  });
});
