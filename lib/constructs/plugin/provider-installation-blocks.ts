/** What matters of HCL and of JSON: comments and strings, in which braces mean nothing, names, and all other characters. */
const TOKEN = /#.*|\/\/.*|\/\*[\s\S]*?(?:\*\/|$)|"(?:\\.|[^"\\])*"?|[\w-]+|[^\s]/g;

const NAME = /^"?provider_installation"?$/;

/**
 * The text of each block `provider_installation` in the CLI configuration of an engine, in HCL or in JSON, without comments.
 * It is not parsed any further: a block with mistakes in it is the engine's to refuse.
 */
export function providerInstallations(configuration: string): string[] {
  const blocks: string[] = [];
  let outer = 0;
  let block: { readonly tokens: string[]; depth: number } | undefined;
  let isNamed = false;
  for (const [token] of configuration.matchAll(TOKEN)) {
    if (/^(?:#|\/\/|\/\*)/.test(token)) continue;
    if (block !== undefined) {
      block.tokens.push(token);
      block.depth += depthOf(token);
      if (block.depth > 0) continue;
      blocks.push(block.tokens.join(" "));
      block = undefined;
    } else if (token === "{" && isNamed) {
      block = { tokens: [token], depth: 1 };
      isNamed = false;
    } else {
      // JSON has a colon before the block, and may have it in a list. What is within another block is something else.
      if (NAME.test(token)) isNamed = outer <= 1;
      else if (!/^[:=[]$/.test(token)) isNamed = false;
      outer += depthOf(token);
    }
  }
  return blocks;
}

function depthOf(token: string): number {
  return token === "{" ? 1 : token === "}" ? -1 : 0;
}
