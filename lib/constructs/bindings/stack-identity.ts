import { Lazy, type TerraformResource, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { madeOnce } from "../../shared/made-once";
import { logicalId } from "./addresses";
import { StateIdentity } from "./mailsni/state-identity";
import { ownId } from "./own-id";
import { reference } from "./reference";

/**
 * The identity of a stack's state, `mailsni_state_identity.this`. Hosts use it to distinguish this state from
 * that of another checkout of the project, or of another project of the same name. Only a stack with hosts
 * has one.
 */
export class StackIdentity {
  public static of(scope: Construct): StackIdentity {
    const stack = TerraformStack.of(scope);
    return madeOnce(ofStacks, stack, () => new StackIdentity(stack));
  }

  private readonly following: TerraformResource[] = [];
  private resource?: StateIdentity;

  private constructor(private readonly stack: TerraformStack) {}

  /** The identity, as a Terraform expression for use in the stack. Declares the resource if necessary. */
  public require(): string {
    if (this.resource === undefined) {
      this.resource = new StateIdentity(this.stack, ID);
      this.resource.overrideLogicalId(logicalId.stateIdentity);
      for (const follower of this.following.splice(0)) this.precede(follower);
    }
    return reference(this.resource, "id", this.stack);
  }

  /** The identity for resources that need none, as an expression that is absent if the stack has no identity. */
  public optional(): string {
    return Lazy.stringValue({ produce: () => this.resource && reference(this.resource, "id", this.stack) });
  }

  /**
   * Makes a resource, and all that depends on it, wait until the provider has verified that no other state
   * has the hosts.
   */
  public precede(follower: TerraformResource): void {
    if (this.resource === undefined) {
      this.following.push(follower);
      return;
    }
    const { terraformResourceType, friendlyUniqueId } = this.resource;
    follower.dependsOn = [...(follower.dependsOn ?? []), `${terraformResourceType}.${friendlyUniqueId}`];
  }
}

const ofStacks = new WeakMap<TerraformStack, StackIdentity>();
const ID = ownId("state");
