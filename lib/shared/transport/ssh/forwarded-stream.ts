import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { Duplex } from "node:stream";
import { HandshakeError } from "../../tls/handshake-error";
import type { Master } from "./master";

/**
 * The number of checks for the reason of a refused connection. The connection's own ssh prints it, which may
 * take a moment. Checks are counted, not timed: a process that was not scheduled finds any time passed before
 * its first check.
 */
const LOOKS_FOR_REASON = 100;
const LOOK_MS = 5;

/** A TCP connection that the host opens, forwarded through the SSH connection. */
export class ForwardedStream extends Duplex {
  readonly #process: ChildProcessWithoutNullStreams;

  constructor(
    private readonly master: Master,
    address: string,
    port: number,
  ) {
    super();
    const known = master.refusals.count;
    this.#process = master.forward(address, port);
    this.#process.stdout.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) this.#process.stdout.pause();
    });
    this.#process.stdin.on("error", () => {});
    this.#process.on("error", (error) => this.destroy(error));
    // End the stream with the reason, not before it is known.
    this.#process.on("close", (status) => {
      if (status === 0) this.push(null);
      else void this.#reason(known).then((error) => this.destroy(error));
    });
  }

  override _read(): void {
    this.#process.stdout.resume();
  }

  // Ignore write errors: the end of the process reports them, with the reason.
  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.#process.stdin.write(chunk, () => done());
  }

  override _final(done: () => void): void {
    this.#process.stdin.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#process.kill();
    done(error);
  }

  async #reason(known: number): Promise<HandshakeError> {
    for (let looks = 0; this.master.refusals.count === known && looks < LOOKS_FOR_REASON; looks++) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    const { count, last } = this.master.refusals;
    return count === known ? HandshakeError.closed("connect") : refusalError(last);
  }
}

/** Converts sshd's reason for a refused connection into an error. */
export function refusalError(reason: string): HandshakeError {
  const cause = new Error(reason.replace(/^connect failed: /, ""));
  if (/administratively prohibited/.test(reason)) return HandshakeError.ofConnection("forbidden", cause);
  if (/Connection refused/.test(reason)) return HandshakeError.ofConnection("refused", cause);
  return HandshakeError.ofConnection("unreachable", cause);
}
