import type { Writable } from "node:stream";

/** What a command has of the world besides its arguments, the file system and the network. */
export interface Io {
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly environment: NodeJS.ProcessEnv;
  readonly now: () => Date;
}
