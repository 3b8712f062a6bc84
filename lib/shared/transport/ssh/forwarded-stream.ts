import { connect, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { HandshakeError } from "../../tls/handshake-error";
import type { Master } from "./master";

/**
 * The number of checks for the reason of a refused connection. The ssh that shares the connection prints it, which may
 * take a moment. Checks are counted, not timed: a process that was not scheduled finds any time passed before
 * its first check.
 */
const LOOKS_FOR_REASON = 100;
const LOOK_MS = 5;

/** A TCP connection that the host opens, forwarded through the SSH connection. */
export class ForwardedStream extends Duplex {
  readonly #known: number;
  #socket: Socket | undefined;

  constructor(
    private readonly master: Master,
    private readonly address: string,
    private readonly port: number,
  ) {
    super();
    this.#known = master.refusals.count;
  }

  override _construct(done: (error?: Error | null) => void): void {
    this.master.forwarding(this.address, this.port).then(
      (path) => {
        this.#follow(connect(path));
        done();
      },
      () => done(HandshakeError.closed("connect")),
    );
  }

  #follow(socket: Socket): void {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) socket.pause();
    });
    // Its end is reported below, with the reason.
    socket.on("error", () => {});
    socket.on("close", (hadError) => {
      if (socket.bytesRead > 0 && !hadError) this.push(null);
      else void this.#endWithReason(hadError);
    });
  }

  override _read(): void {
    this.#socket?.resume();
  }

  // Ignore write errors: the end of the connection reports them, with the reason.
  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    if (this.#socket === undefined || this.#socket.destroyed) done();
    else this.#socket.write(chunk, () => done());
  }

  override _final(done: () => void): void {
    if (this.#socket === undefined || this.#socket.destroyed) done();
    else this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket?.destroy();
    done(error);
  }

  /** A connection that ended without a byte may have been refused. */
  async #endWithReason(hadError: boolean): Promise<void> {
    const known = this.#known;
    for (let looks = 0; this.master.refusals.count === known && looks < LOOKS_FOR_REASON; looks++) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    const { count, last } = this.master.refusals;
    if (count !== known) this.destroy(refusalError(last));
    else if (hadError) this.destroy(HandshakeError.closed("connect"));
    else this.push(null);
  }
}

/** Converts sshd's reason for a refused connection into an error. */
export function refusalError(reason: string): HandshakeError {
  const cause = new Error(reason.replace(/^connect failed: /, ""));
  if (/administratively prohibited/.test(reason)) return HandshakeError.ofConnection("forbidden", cause);
  if (/Connection refused/.test(reason)) return HandshakeError.ofConnection("refused", cause);
  return HandshakeError.ofConnection("unreachable", cause);
}
