import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { Duplex } from "node:stream";
import { HandshakeError } from "../../tls/handshake-error";
import type { Master } from "./master";

/**
 * The connection's own ssh says why the host could not connect, and may be heard a moment later. Counted, since a process
 * that had to wait for its turn finds any time passed before it has looked once.
 */
const LOOKS_FOR_REASON = 100;
const LOOK_MS = 5;

/** A TCP connection that a host makes, through the connection to it. */
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
    // The end comes with the reason, not before it.
    this.#process.on("close", (status) => {
      if (status === 0) this.push(null);
      else void this.#reason(known).then((error) => this.destroy(error));
    });
  }

  override _read(): void {
    this.#process.stdout.resume();
  }

  // That nobody reads any more is told by the end of the process, which has the reason.
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

/** What sshd says of a connection that it did not make. */
export function refusalError(reason: string): HandshakeError {
  const cause = new Error(reason.replace(/^connect failed: /, ""));
  if (/administratively prohibited/.test(reason)) return HandshakeError.ofConnection("forbidden", cause);
  if (/Connection refused/.test(reason)) return HandshakeError.ofConnection("refused", cause);
  return HandshakeError.ofConnection("unreachable", cause);
}
