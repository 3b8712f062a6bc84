import fc from "fast-check";
import { expect, it } from "vitest";
import { literalOf } from "../../../lib/cli/inputs/template";
import { escapeTemplate } from "../../../lib/constructs/bindings/template";

const text = fc
  .array(fc.oneof(fc.constantFrom("$", "%", "{", "}", "$${", "%%{"), fc.string()), { maxLength: 12 })
  .map((pieces) => pieces.join(""))
  .filter((joined) => !joined.includes("TfToken"));

it("GIVEN any text as the constructs write it THEN it is that text", () => {
  fc.assert(
    fc.property(text, (given) => {
      expect(literalOf(escapeTemplate(given))).toBe(given);
    }),
  );
});

it.each(["${var.a}", "x%{if true}", "$${a}${b}", "$$$${a}${b}"])(
  "GIVEN the expression in %s THEN it is not literal",
  (given) => {
    expect(literalOf(given)).toBeNull();
  },
);
