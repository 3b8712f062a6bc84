import { describe, expect, it } from "vitest";
import { type Attributes, attribute } from "../../../../lib/provider/protocol/schema/schema";
import { schemaMessage } from "../../../../lib/provider/protocol/schema/schema-message";

const message = (attributes: Attributes) => schemaMessage({ version: 3, description: "Some.", attributes });
const optional = { description: "", optional: true } as const;

describe("schemaMessage", () => {
  it("GIVEN nested attributes THEN they have a nested type and no type", () => {
    const { version, block } = message({
      one: attribute.object({ inner: attribute.list("number", optional) }, optional),
      many: attribute.objects({ inner: attribute.bool(optional) }, optional),
      keyed: attribute.objectMap({ inner: attribute.map("bool", optional) }, optional),
    });
    expect(version).toBe(3);
    expect(block.attributes.map(({ nested_type }) => nested_type?.nesting)).toEqual([1, 2, 4]);
    expect(block.attributes.every(({ type }) => type === undefined)).toBe(true);
    const [inner] = block.attributes[0]?.nested_type?.attributes ?? [];
    expect(Buffer.from(inner?.type ?? []).toString()).toBe('["list","number"]');
  });

  it.each<[string, Attributes, string]>([
    ["a name with a capital", { Name: attribute.string(optional) }, "Name"],
    ["a name with a hyphen", { "a-b": attribute.string(optional) }, "a-b"],
    ["no flag at all", { a: attribute.string({ description: "" }) }, "neither required nor optional"],
    [
      "required and computed",
      { a: attribute.string({ description: "", required: true, computed: true }) },
      "required",
    ],
    [
      "write-only and computed",
      { a: attribute.string({ ...optional, computed: true, writeOnly: true }) },
      "write-only",
    ],
    [
      "write-only within an object",
      { a: attribute.object({ b: attribute.string({ ...optional, writeOnly: true }) }, optional) },
      "write-only",
    ],
  ])(
    "GIVEN %s, which engines refuse, THEN it is a fault that names the attribute",
    (_title, attributes, words) => {
      expect(() => message(attributes)).toThrow(words);
    },
  );
});
