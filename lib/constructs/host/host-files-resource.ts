import type { Construct } from "constructs";
import type { HostFilesConfig } from "../bindings/mailsni/host-files";
import type { TerraformAttributes } from "../bindings/terraform-attributes";
import { HostResource } from "./host-resource";

/** The attributes of `mailsni_host_files`. */
export type HostFilesAttributes = TerraformAttributes<HostFilesConfig>;

/** The Terraform resource `mailsni_host_files`. A stack has one for each domain on each host. */
export class HostFilesResource extends HostResource<HostFilesAttributes> {
  constructor(scope: Construct, id: string, attributes: HostFilesAttributes) {
    super(scope, id, "mailsni_host_files", attributes);
  }
}
