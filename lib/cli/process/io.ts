import type { Writable } from "node:stream";

/** A command's standard streams and environment. */
export interface Io {
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly environment: NodeJS.ProcessEnv;
  readonly now: () => Date;
  /** A signal that SIGINT, SIGTERM and SIGHUP abort. Unless a command calls this, they end the process. */
  readonly interruption: () => AbortSignal;
  /**
   * Keeps the process running when the reader of standard output has gone, as after `| head -1`. For commands that have other
   * outputs, too.
   */
  readonly goOnWithoutReader: () => void;
}
