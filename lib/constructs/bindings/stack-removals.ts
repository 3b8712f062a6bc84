import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";

/**
 * The `removed` blocks of a stack: resources that the state forgets and that stay as they are. Engines ignore blocks of
 * resources that no state has.
 */
export class StackRemovals {
  public static of(scope: Construct): StackRemovals {
    const stack = TerraformStack.of(scope);
    const known = ofStacks.get(stack) ?? new StackRemovals();
    ofStacks.set(stack, known);
    stack.addOverride("removed", known.blocks);
    return known;
  }

  private readonly blocks: object[] = [];

  private constructor() {}

  /**
   * Adds a `removed` block.
   *
   * @param id the logical id of a resource that the stack does not declare
   */
  public add(type: string, id: string): void {
    this.blocks.push({ from: `${type}.${id}`, lifecycle: [{ destroy: false }] });
  }
}

const ofStacks = new WeakMap<TerraformStack, StackRemovals>();
