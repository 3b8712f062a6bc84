import { TerraformVariable } from "cdktf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeTemplate } from "../../../lib/constructs/bindings/template";
import { resolved, testStack } from "../../support/synthesized";

describe("escapeTemplate", () => {
  it.each([
    ["${x}", "$${x}"],
    ["%{if x}", "%%{if x}"],
    ["$${x}", "$$${x}"],
    ["$ and % and {}", "$ and % and {}"],
    ["${a}${b}%{c}", "$${a}$${b}%%{c}"],
  ])("writes %j as %j", (text, escaped) => {
    expect(escapeTemplate(text)).toBe(escaped);
  });

  it("leaves tokens as they are, and dollar signs in front of them literal", () => {
    const stack = testStack();
    const token = new TerraformVariable(stack, "price", { type: "string" }).stringValue;

    expect(resolved(stack, escapeTemplate(`\${literal} ${token}, $${token}`))).toBe(
      '$${literal} ${var.price}, ${"$"}${var.price}',
    );
  });

  it("says the same once Terraform has read it", () => {
    const piece = fc.constantFrom("$", "%", "{", "}", "${", "%{", "a", "\n");

    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join("");
        expect(readTemplate(escapeTemplate(text))).toBe(text);
      }),
    );
  });
});

/** What HCL makes of a template without expressions. */
function readTemplate(template: string): string {
  return template.replace(/\$\$\{|%%\{|\$\{|%\{/g, (found) => {
    if (found.length < 3) throw new Error(`An expression begins in ${JSON.stringify(template)}.`);
    return found.slice(1);
  });
}
