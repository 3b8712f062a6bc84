import { chmodSync } from "node:fs";
import { join } from "node:path";
import type { TerraformStack } from "cdktf";
import type { ISynthesisSession } from "cdktf/lib/synthesize/types";

/** The path, absolute or relative, of the directory in which an engine runs for a stack. */
export function stackDirectory(
  stack: TerraformStack,
  { outdir, manifest }: Pick<ISynthesisSession, "outdir" | "manifest">,
): string {
  return join(outdir, manifest.forStack(stack).workingDirectory);
}

/**
 * Closes the directory to other users, regardless of the umask. It may hold keys: literal ones in
 * `cdk.tf.json`, those of the state in plan files (`cdktf diff` and `deploy` leave one), in
 * `errored.tfstate`, and in a state with a relative path.
 */
export function closeStackDirectory(directory: string): void {
  try {
    chmodSync(directory, 0o700);
  } catch (error) {
    // The directory belongs to another user, who shares it on purpose, or its file system has no modes.
    if (!NOT_POSSIBLE.includes((error as NodeJS.ErrnoException).code)) throw error;
  }
}

const NOT_POSSIBLE: readonly (string | undefined)[] = ["EPERM", "ENOTSUP", "ENOSYS", "EINVAL"];
