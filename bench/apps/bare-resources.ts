import { TerraformResource, type TerraformStack } from "cdktf";
import { benchStack, synthesize } from "../app-stack";
import { repeatable } from "../text";

/** A stack of so many `terraform_data`, each with an input of so many bytes: the least that cdktf and an engine can do. */
const [outdir = "", count = "", inputLength = ""] = process.argv.slice(2);

class TerraformData extends TerraformResource {
  constructor(
    scope: TerraformStack,
    id: string,
    private readonly input: string,
  ) {
    super(scope, id, { terraformResourceType: "terraform_data" });
  }

  protected override synthesizeAttributes() {
    return { input: this.input };
  }
}

const stack = benchStack(outdir);
for (let number = 0; number < Number(count); number++) {
  // As many digits each, so that all resources are alike.
  const id = `r${number + 10_000}`;
  new TerraformData(stack, id, repeatable(id, Number(inputLength)));
}
synthesize(stack);
