import type { Writable } from "node:stream";

/** A command's standard streams and environment. */
export interface Io {
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly environment: NodeJS.ProcessEnv;
  readonly now: () => Date;
  /** Aborted by SIGINT and SIGTERM, which end the process by themselves unless a command has asked for it. */
  readonly interruption: () => AbortSignal;
}
