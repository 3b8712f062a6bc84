import {
  Fn,
  Lazy,
  LocalBackend,
  TerraformResource,
  TerraformStack,
  TerraformVariable,
  Testing,
  Token,
} from "cdktf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { holdsToken, resolvedOnce } from "../../../lib/constructs/bindings/resolved-once";
import { testApp, testStack } from "../../support/synthesized";

type Attributes = Record<string, unknown>;

class Plain extends TerraformResource {
  constructor(
    stack: TerraformStack,
    private readonly attributes: Attributes,
    id = "resource",
  ) {
    super(stack, id, { terraformResourceType: "terraform_data" });
  }

  protected override synthesizeAttributes() {
    return this.attributes;
  }
}

class Once extends Plain {
  override toTerraform() {
    return resolvedOnce(
      this,
      () => holdsToken(this.synthesizeAttributes()),
      () => super.toTerraform(),
    );
  }
}

/** What Terraform gets of a resource with these attributes. */
function rendered(type: typeof Plain, attributesOf: (stack: TerraformStack) => Attributes) {
  const stack = testStack();
  new LocalBackend(stack, { path: "state" });
  new type(stack, attributesOf(stack));
  stack.prepareStack();
  return JSON.parse(Testing.synth(stack));
}

describe("resolvedOnce", () => {
  const variable = (stack: TerraformStack) => new TerraformVariable(stack, "v", { type: "any" });

  it.each<[string, (stack: TerraformStack) => Attributes]>([
    [
      "literals",
      () => ({ a: 1, b: true, c: ["x", "y"], d: { "/path.with.dots": "${raw} $${escaped} %{x}" } }),
    ],
    ["null and undefined", () => ({ a: null, b: undefined, c: { d: undefined } })],
    ["a token", (stack) => ({ a: variable(stack).stringValue })],
    ["a token within a text", (stack) => ({ a: { b: [`before ${variable(stack).stringValue} after`] } })],
    ["a list that is a token", (stack) => ({ a: variable(stack).listValue })],
    ["a number that is a token", (stack) => ({ a: variable(stack).numberValue, b: [variable.length] })],
    ["a number token within a text", (stack) => ({ a: `port ${variable(stack).numberValue}` })],
    ["a token in a list", (stack) => ({ a: [variable(stack).value] })],
    [
      "a lazy value",
      () => ({
        a: Lazy.stringValue({ produce: () => "late" }),
        b: Lazy.anyValue({ produce: () => [{ c: 1 }] }),
      }),
    ],
    ["a map that is a token", (stack) => ({ a: Token.asStringMap(variable(stack).value) })],
    ["a function", (stack) => ({ a: Fn.join("", [variable(stack).stringValue, "literal"]) })],
  ])("changes nothing about %s", (_, attributesOf) => {
    expect(rendered(Once, attributesOf)).toEqual(rendered(Plain, attributesOf));
  });

  it("changes nothing about any JSON", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), fc.jsonValue()), (attributes) => {
        expect(rendered(Once, () => attributes)).toEqual(rendered(Plain, () => attributes));
      }),
      { numRuns: 50 },
    );
  });

  it("keeps what escape hatches add", () => {
    const stack = testStack();
    const resource = new Once(stack, { files: { a: "1" } });
    resource.addOverride("files.b", variable(stack).stringValue);
    resource.lifecycle = { preventDestroy: true };

    expect(JSON.parse(Testing.synth(stack)).resource.terraform_data.resource).toEqual({
      files: { a: "1", b: "${var.v}" },
      lifecycle: { prevent_destroy: true },
    });
  });

  it("keeps moved blocks, those of other resources too", () => {
    const stack = testStack();
    new Once(stack, {}).moveFromId("terraform_data.before");
    new Once(stack, {}, "another");

    expect(JSON.parse(Testing.synth(stack)).moved).toEqual([
      { from: "terraform_data.before", to: "terraform_data.resource" },
    ]);
  });

  it("lets cdktf find references to other stacks", () => {
    const app = testApp();
    const [one, other] = [new TerraformStack(app, "one"), new TerraformStack(app, "other")];
    const source = new TerraformResource(one, "source", { terraformResourceType: "terraform_data" });
    new Once(other, { input: source.getStringAttribute("output") });

    other.prepareStack();

    expect(JSON.parse(Testing.synth(other)).resource.terraform_data.resource.input).toMatch(
      /terraform_remote_state/,
    );
    expect(JSON.parse(Testing.synth(one)).output).toBeDefined();
  });
});
