import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { App, type TerraformStack, Token } from "cdktf";
import { isClosedToOthers } from "../../shared/closed-directory";
import { stackDirectory } from "./stack-directory";
import { stateBackend } from "./state-backend";

/** A state that the `local` backend keeps in a file of the machine that deploys. */
export interface LocalState {
  /** Absolute path of the state file. */
  readonly path: string;
  /** Why every user of this machine can read the state; undefined if they cannot. */
  readonly readable?: ReadableState;
}

export interface ReadableState {
  /** The directory of the state file, which may not exist yet. */
  readonly directory: string;
  /**
   * The directory's mode, four octal digits; undefined if the engine has yet to create it, with the umask's
   * mode.
   */
  readonly mode?: string;
}

/**
 * The local state of a stack, as far as this machine can tell; undefined if the stack uses another backend.
 */
export function localState(stack: TerraformStack): LocalState | undefined {
  const configured = localPathOf(stack);
  if (configured === undefined) return undefined;
  const ownDirectory = resolve(stackDirectory(stack, App.of(stack)));
  const path = resolve(ownDirectory, configured);
  const directory = dirname(path);
  // The stack's own directory is closed to other users when it is synthesized.
  const isClosed = process.platform === "win32" || directory === ownDirectory || isClosedToOthers(directory);
  return isClosed ? { path } : { path, readable: { directory, mode: modeOf(directory) } };
}

function localPathOf(stack: TerraformStack): string | undefined {
  const backend = stateBackend(stack);
  const path = backend?.type === "local" ? backend.settings.path : undefined;
  return typeof path === "string" && !Token.isUnresolved(path) ? path : undefined;
}

function modeOf(directory: string): string | undefined {
  if (!existsSync(directory)) return undefined;
  return (statSync(directory).mode & 0o7777).toString(8).padStart(4, "0");
}
