import { type TerraformResource, TerraformStack } from "cdktf";
import type { Construct } from "constructs";

/**
 * An attribute of a resource, for use in the stack of `scope`. Within the resource's own stack it is the
 * literal expression: cdktf records a stack trace for every token, which takes a third of the synth time of a
 * large stack. In another stack it is a token, from which cdktf makes an output and a remote state.
 */
export function reference(resource: TerraformResource, attribute: string, scope: Construct): string {
  return TerraformStack.of(scope) === TerraformStack.of(resource)
    ? `\${${resource.terraformResourceType}.${resource.friendlyUniqueId}.${attribute}}`
    : resource.getStringAttribute(attribute);
}
