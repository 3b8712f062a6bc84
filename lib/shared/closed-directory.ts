import { existsSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Whether other users of this machine cannot enter a directory or a directory above it. One that does not
 * exist yet is assumed to be open.
 */
export function isClosedToOthers(directory: string): boolean {
  const ancestors = [realpathSync(existing(directory))];
  for (let one = ancestors[0] as string; dirname(one) !== one; one = dirname(one))
    ancestors.push(dirname(one));
  return ancestors.some((one) => (statSync(one).mode & OTHERS_ENTER) === 0);
}

const OTHERS_ENTER = 0o001;

function existing(directory: string): string {
  return existsSync(directory) || dirname(directory) === directory ? directory : existing(dirname(directory));
}
