import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { sha256 } from "../../shared/sha256";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where a run is, for its entries: its folder, and the engine's workspace in it, for each workspace has a state of its own.
 *
 * @param folder as `thisPlace` names it
 * @param directory the stack's folder
 */
export function runPlace(folder: string, environment: Environment, directory: string): string {
  return sha256(JSON.stringify([folder, workspaceOf(environment, directory)])).slice(0, 16);
}

/** The engine's workspace of a run, for its entries on hosts, where the next run may be in another folder. */
export function runWorkspace(environment: Environment, directory: string): string {
  return sha256(workspaceOf(environment, directory)).slice(0, 16);
}

/** As Terraform and OpenTofu choose it: https://developer.hashicorp.com/terraform/cli/config/environment-variables#tf_workspace */
function workspaceOf({ TF_WORKSPACE, TF_DATA_DIR }: Environment, directory: string): string {
  if (TF_WORKSPACE) return TF_WORKSPACE;
  try {
    return readFileSync(join(resolve(directory, TF_DATA_DIR || ".terraform"), "environment"), "utf8").trim();
  } catch {
    // Written once another workspace is chosen.
    return "default";
  }
}
