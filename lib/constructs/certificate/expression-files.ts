import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { App, Manifest, TerraformStack, Tokenization } from "cdktf";
import type { Construct } from "constructs";
import { certificateErrors } from "../../shared/errors";

/**
 * Refuses a relative path such as `Fn.file("certs/key.pem")`. The engine opens the file, and it runs in the
 * stack's directory below `cdktf.out`, not where the program runs.
 *
 * @param expression with literals and tokens of any kind
 * @throws MailSniError `FILE_PATH_RELATIVE`
 */
export function checkFilePaths(scope: Construct, expression: string): void {
  for (const path of filePaths(expression)) {
    // Only the engine knows a path with an expression in it, such as ${path.module}.
    if (/^[/~]|\$\{|^[a-z]:/i.test(path)) continue;
    const directory = resolve(App.of(scope).outdir, Manifest.stacksFolder, TerraformStack.of(scope).node.id);
    const leadsOut = /^\.\.(\/|$)/.test(path);
    if (!leadsOut || (!existsSync(resolve(directory, path)) && existsSync(resolve(path))))
      throw certificateErrors.filePathRelative(path);
  }
}

/** The literal paths in all calls of `file` and `filebase64` in an expression. */
function filePaths(expression: string): string[] {
  const written = [...expression.matchAll(/\bfile(?:base64)?\("([^"]*)"\)/g)].map(
    ([, path]) => path as string,
  );
  if (!expression.includes("{TfToken[")) return written;
  return [...written, ...Tokenization.reverseString(expression).tokens.flatMap(pathsOfCall)];
}

/** The literal paths in a token or an argument. cdktf does not export its class of function calls. */
function pathsOfCall(value: unknown): string[] {
  if (typeof value === "string") return filePaths(value);
  if (Array.isArray(value)) return value.flatMap(pathsOfCall);
  const { name, args } = (value ?? {}) as { readonly name?: unknown; readonly args?: unknown };
  if (typeof name !== "string" || !Array.isArray(args)) return [];
  const [path] = args;
  const isLiteral = typeof path === "string" && !path.includes("{TfToken[");
  return /^file(base64)?$/.test(name) && isLiteral ? [path] : pathsOfCall(args);
}
