import { TerraformElement, type TerraformStack } from "cdktf";

/** A block that says what becomes of a resource in the state. */
interface StateBlock {
  /** The address at which the state has the resource. */
  readonly from: string;
}

/**
 * The blocks of one kind in a stack. An element, not an override: cdktf adds the blocks of elements to those that the program
 * itself has (`stack.addOverride("moved", …)`), whereas an override would replace them, or be replaced.
 */
export abstract class StateBlocks<Block extends StateBlock> extends TerraformElement {
  private readonly blocks: Block[] = [];

  protected constructor(
    stack: TerraformStack,
    id: string,
    private readonly kind: "moved" | "removed",
  ) {
    super(stack, id);
  }

  protected addBlock(block: Block): void {
    this.blocks.push(block);
  }

  /** By address, so that the order of declarations makes no difference. */
  public override toTerraform(): object {
    return { [this.kind]: this.blocks.toSorted((one, other) => (one.from < other.from ? -1 : 1)) };
  }
}
