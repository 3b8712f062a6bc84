import type { Construct } from "constructs";
import type { HostFilesConfig } from "../bindings/mailsni/host-files";
import type { TerraformAttributes } from "../bindings/terraform-attributes";
import { HostResource } from "./host-resource";

/** The attributes of `mailsni_host_files`. */
export type HostFilesAttributes = TerraformAttributes<HostFilesConfig>;

/**
 * The Terraform resource `mailsni_host_files`. A stack has one for each domain on each host, so it has nothing
 * but its attributes. The generated construct has an object with a stack trace for each of its maps, which
 * takes a third of the synth time of a large stack.
 */
export class HostFilesResource extends HostResource {
  constructor(
    scope: Construct,
    id: string,
    public readonly attributes: HostFilesAttributes,
  ) {
    super(scope, id, {
      terraformResourceType: "mailsni_host_files",
      // With it cdktf checks that the stack has the provider.
      terraformGeneratorMetadata: { providerName: "mailsni" },
    });
  }

  protected override synthesizeAttributes(): HostFilesAttributes {
    return this.attributes;
  }
}
