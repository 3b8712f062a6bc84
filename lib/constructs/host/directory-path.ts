import { isAbsolute, relative, resolve } from "node:path";
import { App, Manifest, TerraformStack, Token } from "cdktf";
import type { Construct } from "constructs";

/**
 * Why a path cannot be a directory of the machine that deploys, worded to follow the path in a message;
 * undefined if it can.
 */
export function directoryFault(path: string): string | undefined {
  if (Token.isUnresolved(path)) return "is a Terraform expression";
  if (path === "") return "is empty";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is refused
  if (/[\0-\x1f\x7f]/.test(path)) return "has control characters in it";
  return undefined;
}

/**
 * Converts a directory that is relative to the project into one that is relative to the stack's directory, in
 * which engines run.
 *
 * @returns a function that renders the path when the stack is synthesized
 */
export function directoryFromStack(scope: Construct, path: string): () => string {
  const directory = resolve(path);
  return () => {
    if (isAbsolute(path)) return directory;
    const stack = TerraformStack.of(scope);
    return relative(resolve(App.of(scope).outdir, Manifest.stacksFolder, stack.node.id), directory);
  };
}
