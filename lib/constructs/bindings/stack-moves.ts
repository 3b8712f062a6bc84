import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { ownId } from "./own-id";
import { StateBlocks } from "./state-blocks";

/** The `moved` blocks of a stack: resources whose addresses have changed since the last deploy. */
export class StackMoves extends StateBlocks<{ readonly from: string; readonly to: string }> {
  public static of(scope: Construct): StackMoves {
    const stack = TerraformStack.of(scope);
    return (stack.node.tryFindChild(ID) as StackMoves | undefined) ?? new StackMoves(stack, ID, "moved");
  }

  /**
   * Adds a `moved` block.
   *
   * @param from the previous logical id of the resource
   * @param to its present logical id
   */
  public add(type: string, from: string, to: string): void {
    this.addBlock({ from: `${type}.${from}`, to: `${type}.${to}` });
  }
}

const ID = ownId("moved");
