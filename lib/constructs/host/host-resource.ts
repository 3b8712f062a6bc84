import { TerraformResource } from "cdktf";

/** A resource of a mail host, and the resources that it waits for. */
export abstract class HostResource extends TerraformResource {
  /** Has the engine apply another resource before this one, and not this one if that fails. */
  public dependOn({ terraformResourceType, friendlyUniqueId }: TerraformResource): void {
    // As text: cdktf would record a stack trace for each dependency, and it ignores `node.addDependency`.
    const address = `${terraformResourceType}.${friendlyUniqueId}`;
    if (this.dependsOn?.includes(address)) return;
    this.dependsOn = [...(this.dependsOn ?? []), address].sort();
  }
}
