import { rmSync } from "node:fs";
import { type TerraformStack, Testing } from "cdktf";

/** What the rules say when a stack is synthesized. */
export interface Said {
  readonly errors: readonly string[];
  /** Each in front of the path of the construct at which it is shown: `stack/sni: …`. */
  readonly warnings: readonly string[];
}

export function said(stack: TerraformStack): Said {
  const errors = synthesize(stack);
  const warnings = stack.node
    .findAll()
    .flatMap(({ node }) =>
      node.metadata.filter(({ type }) => type === "@cdktf/warn").map(({ data }) => `${node.path}: ${data}`),
    );
  return { errors, warnings: warnings.filter((message) => /\[SNI\d+\]$/.test(message)) };
}

/** @returns what the stack is refused for */
function synthesize(stack: TerraformStack): string[] {
  stack.prepareStack();
  try {
    rmSync(Testing.fullSynth(stack), { recursive: true });
    return [];
  } catch (error) {
    return (error as Error).message.split("\n").filter((line) => /\[SNI\d+\]$/.test(line));
  }
}
