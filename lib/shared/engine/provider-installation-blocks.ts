/**
 * The tokens of HCL and JSON that matter here: comments and strings, in which braces mean nothing, names, and
 * all other characters.
 */
const TOKEN = /#.*|\/\/.*|\/\*[\s\S]*?(?:\*\/|$)|"(?:\\.|[^"\\])*"?|[\w-]+|[^\s]/g;

const NAME = /^"?provider_installation"?$/;

/**
 * The text of each `provider_installation` block in an engine's CLI configuration, HCL or JSON, without
 * comments. The block is not parsed further: the engine reports mistakes in it.
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
      // JSON has a colon before the block, and may have the block in a list. A block within another one is a
      // different thing.
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
