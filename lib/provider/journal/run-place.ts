import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { sha256 } from "../../shared/sha256";
import { backendPlace } from "./backend-place";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where a run is, for its entries: its folder, and the engine's workspace and backend in it, for each of them has a state of its own.
 *
 * @param folder as `thisPlace` names it
 * @param directory the stack's folder
 */
export function runPlace(folder: string, environment: Environment, directory: string): string {
  const data = dataDirectory(environment, directory);
  const { parts } = backendPlace(environment, data);
  return digest([folder, workspaceOf(environment, data), parts]);
}

/** The engine's workspace and remote backend of a run, for its entries on hosts, where the next run may be in another folder. */
export function runWorkspace(environment: Environment, directory: string): string {
  const data = dataDirectory(environment, directory);
  const { isOnThisMachine, parts } = backendPlace(environment, data);
  return digest([workspaceOf(environment, data), isOnThisMachine ? [] : parts]);
}

function digest(parts: readonly unknown[]): string {
  return sha256(JSON.stringify(parts)).slice(0, 16);
}

function dataDirectory({ TF_DATA_DIR }: Environment, directory: string): string {
  return resolve(directory, TF_DATA_DIR || ".terraform");
}

/** As Terraform and OpenTofu choose it: https://developer.hashicorp.com/terraform/cli/config/environment-variables#tf_workspace */
function workspaceOf({ TF_WORKSPACE }: Environment, dataDirectory: string): string {
  if (TF_WORKSPACE) return TF_WORKSPACE;
  try {
    return readFileSync(join(dataDirectory, "environment"), "utf8").trim();
  } catch {
    // Written once another workspace is chosen.
    return "default";
  }
}
