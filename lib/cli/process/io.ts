import type { Writable } from "node:stream";

/** A command's standard streams and environment. */
export interface Io {
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly environment: NodeJS.ProcessEnv;
  readonly now: () => Date;
  /**
   * A signal that SIGINT, SIGTERM and SIGHUP abort, and an error that {@link unexpectedError} rejects with. Unless a command calls
   * this, these signals end the process.
   */
  readonly interruption: () => AbortSignal;
  /**
   * Rejects with an error that is thrown outside of any promise, such as in a listener of a socket. It has a minute and a half from
   * then to end the command. Unless a command calls this, such an error ends the process at once.
   */
  readonly unexpectedError: () => Promise<never>;
  /**
   * Keeps the process running when standard output cannot be written: its reader has gone, as after `| head -1`, or the disk is
   * full. For commands that have other outputs, too.
   */
  readonly goOnWithoutReader: () => void;
}
