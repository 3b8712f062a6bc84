import type { Construct } from "constructs";
import type { HostJobConfig } from "../bindings/mailsni/host-job";
import type { TerraformAttributes } from "../bindings/terraform-attributes";
import { HostResource } from "./host-resource";

/** The attributes of `mailsni_host_job`. */
export type HostJobAttributes = TerraformAttributes<HostJobConfig>;

/** The Terraform resource `mailsni_host_job`: a command on a host that is run again when its trigger changes. */
export class HostJobResource extends HostResource {
  constructor(
    scope: Construct,
    id: string,
    public readonly attributes: HostJobAttributes,
  ) {
    super(scope, id, {
      terraformResourceType: "mailsni_host_job",
      // With it cdktf checks that the stack has the provider.
      terraformGeneratorMetadata: { providerName: "mailsni" },
    });
  }

  protected override synthesizeAttributes(): HostJobAttributes {
    return this.attributes;
  }
}
