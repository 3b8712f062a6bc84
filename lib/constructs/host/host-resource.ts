import { TerraformResource } from "cdktf";
import type { Construct } from "constructs";

/**
 * A resource of a mail host, and the resources that it waits for. It has nothing but its attributes: the generated constructs
 * have an object with a stack trace for each of their maps, which takes a third of the synth time of a large stack.
 */
export abstract class HostResource<
  Attributes extends { readonly host: string } = { readonly host: string },
> extends TerraformResource {
  protected constructor(
    scope: Construct,
    id: string,
    terraformResourceType: string,
    public readonly attributes: Attributes,
  ) {
    // With the name of the provider, cdktf checks that the stack has it.
    super(scope, id, { terraformResourceType, terraformGeneratorMetadata: { providerName: "mailsni" } });
  }

  /** Has the engine apply another resource before this one, and not this one if that fails. */
  public dependOn({ terraformResourceType, friendlyUniqueId }: TerraformResource): void {
    // As text: cdktf would record a stack trace for each dependency, and it ignores `node.addDependency`.
    const address = `${terraformResourceType}.${friendlyUniqueId}`;
    if (this.dependsOn?.includes(address)) return;
    this.dependsOn = [...(this.dependsOn ?? []), address].sort();
  }

  protected override synthesizeAttributes(): Attributes {
    return this.attributes;
  }
}
