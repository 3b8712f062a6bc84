import { readFileSync } from "node:fs";
import { TerraformOutput, type TerraformOutputConfig, TerraformResource, type TerraformStack } from "cdktf";
import { benchStack, synthesize } from "../app-stack";

/** The resources and outputs of a synthesized stack, declared again by plain cdktf with nothing but their attributes. */
const [outdir = "", stackFile = ""] = process.argv.slice(2);

class SameResource extends TerraformResource {
  constructor(
    scope: TerraformStack,
    id: string,
    type: string,
    private readonly attributes: object,
  ) {
    super(scope, id, { terraformResourceType: type });
  }

  protected override synthesizeAttributes() {
    return { ...this.attributes };
  }
}

const stack = benchStack(outdir);
const { resource, output } = JSON.parse(readFileSync(stackFile, "utf8"));
for (const [type, resources] of Object.entries<Record<string, Record<string, object>>>(resource)) {
  for (const [id, { "//": _, ...attributes }] of Object.entries(resources)) {
    new SameResource(stack, `${type}-${id}`, type, attributes);
  }
}
for (const [id, attributes] of Object.entries<TerraformOutputConfig>(output)) {
  new TerraformOutput(stack, `output-${id}`, attributes);
}
synthesize(stack);
