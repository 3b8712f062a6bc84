import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";

/** The `moved` blocks of a stack: resources whose addresses have changed since the last deploy. */
export class StackMoves {
  public static of(scope: Construct): StackMoves {
    const stack = TerraformStack.of(scope);
    const known = ofStacks.get(stack) ?? new StackMoves();
    ofStacks.set(stack, known);
    stack.addOverride("moved", known.blocks);
    return known;
  }

  private readonly blocks: { readonly from: string; readonly to: string }[] = [];

  private constructor() {}

  /**
   * Adds a `moved` block.
   *
   * @param from the previous logical id of the resource
   * @param to its present logical id
   */
  public add(type: string, from: string, to: string): void {
    this.blocks.push({ from: `${type}.${from}`, to: `${type}.${to}` });
  }
}

const ofStacks = new WeakMap<TerraformStack, StackMoves>();
