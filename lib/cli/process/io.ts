import type { Writable } from "node:stream";

/** A command's standard streams and environment. */
export interface Io {
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly environment: NodeJS.ProcessEnv;
  readonly now: () => Date;
  /** A signal that SIGINT and SIGTERM abort. Unless a command calls this, both end the process. */
  readonly interruption: () => AbortSignal;
  /**
   * Has the process go on when nobody reads standard output any more, as after `| head -1`, which ends it unless a command that has
   * other outputs has asked for this.
   */
  readonly goOnWithoutReader: () => void;
}
