import { resolve } from "node:path";

/** A Terraform or OpenTofu executable. */
export interface Engine {
  /** A command of the `PATH`, or an absolute path. */
  readonly executable: string;
  /** Whether the user has chosen it; otherwise it is cdktf's default. */
  readonly isChosen: boolean;
}

/**
 * The engine to run: what `--engine` names, or what cdktf runs.
 *
 * @param given `--engine`: a command or a path, relative to the working directory
 */
export function engineOf(given: string | undefined, environment: NodeJS.ProcessEnv): Engine {
  const named = given ?? environment.TERRAFORM_BINARY_NAME ?? "";
  const name = named === "" ? "terraform" : named;
  return { executable: name.includes("/") ? resolve(name) : name, isChosen: given !== undefined };
}
