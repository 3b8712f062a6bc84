import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";

/** The `moved` blocks of a stack: what has another address than when it was deployed last. */
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

  /** @param from the logical id that a resource had, @param to the one that it has */
  public add(type: string, from: string, to: string): void {
    this.blocks.push({ from: `${type}.${from}`, to: `${type}.${to}` });
  }
}

const ofStacks = new WeakMap<TerraformStack, StackMoves>();
