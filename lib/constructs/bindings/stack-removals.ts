import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { ownId } from "./own-id";
import { StateBlocks } from "./state-blocks";

/**
 * The `removed` blocks of a stack: resources that the state forgets and that stay as they are. Engines ignore blocks of
 * resources that no state has.
 */
export class StackRemovals extends StateBlocks<{
  readonly from: string;
  readonly lifecycle: readonly object[];
}> {
  public static of(scope: Construct): StackRemovals {
    const stack = TerraformStack.of(scope);
    const known = stack.node.tryFindChild(ID) as StackRemovals | undefined;
    return known ?? new StackRemovals(stack, ID, "removed");
  }

  /**
   * Adds a `removed` block.
   *
   * @param id the logical id of a resource that the stack does not declare
   */
  public add(type: string, id: string): void {
    this.addBlock({ from: `${type}.${id}`, lifecycle: [{ destroy: false }] });
  }
}

const ID = ownId("removed");
