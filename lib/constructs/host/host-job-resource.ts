import type { Construct } from "constructs";
import type { HostJobConfig } from "../bindings/mailsni/host-job";
import type { TerraformAttributes } from "../bindings/terraform-attributes";
import { HostResource } from "./host-resource";

/** The attributes of `mailsni_host_job`. */
export type HostJobAttributes = TerraformAttributes<HostJobConfig>;

/** The Terraform resource `mailsni_host_job`: a command on a host that is run again when its trigger changes. */
export class HostJobResource extends HostResource<HostJobAttributes> {
  constructor(scope: Construct, id: string, attributes: HostJobAttributes) {
    super(scope, id, "mailsni_host_job", attributes);
  }
}
