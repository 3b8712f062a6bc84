import { isAbsolute, relative, resolve } from "node:path";
import { App, Manifest, TerraformStack, Token } from "cdktf";
import type { Construct } from "constructs";

/** What keeps a path from being a directory of the machine that deploys, in words that follow it; undefined if nothing. */
export function directoryFault(path: string): string | undefined {
  if (Token.isUnresolved(path)) return "is a Terraform expression";
  if (path === "") return "is empty";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is refused
  if (/[\0-\x1f\x7f]/.test(path)) return "has control characters in it";
  return undefined;
}

/**
 * A directory as engines need it, which run in the stack's own: a path that is relative to the project becomes relative to
 * the stack's folder.
 *
 * @returns the path, to be asked for when the stack is synthesized
 */
export function directoryFromStack(scope: Construct, path: string): () => string {
  const directory = resolve(path);
  return () => {
    if (isAbsolute(path)) return directory;
    const stack = TerraformStack.of(scope);
    return relative(resolve(App.of(scope).outdir, Manifest.stacksFolder, stack.node.id), directory);
  };
}
