import { chmodSync } from "node:fs";
import { join } from "node:path";
import type { TerraformStack } from "cdktf";
import type { ISynthesisSession } from "cdktf/lib/synthesize/types";

/** Absolute or relative path of the directory in which an engine runs for a stack. */
export function stackDirectory(
  stack: TerraformStack,
  { outdir, manifest }: Pick<ISynthesisSession, "outdir" | "manifest">,
): string {
  return join(outdir, manifest.forStack(stack).workingDirectory);
}

/**
 * Closes the directory to other users, whatever the umask. It is to hold keys: literal ones in `cdk.tf.json`, those of the
 * state in plan files (`cdktf diff` and `deploy` leave one), in `errored.tfstate`, and in a state whose path is relative.
 */
export function closeStackDirectory(directory: string): void {
  try {
    chmodSync(directory, 0o700);
  } catch (error) {
    // Another user's, who shares it on purpose; or on a file system that has no modes.
    if (!NOT_POSSIBLE.includes((error as NodeJS.ErrnoException).code)) throw error;
  }
}

const NOT_POSSIBLE: readonly (string | undefined)[] = ["EPERM", "ENOTSUP", "ENOSYS", "EINVAL"];
