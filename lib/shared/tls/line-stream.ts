import type { Duplex } from "node:stream";
import { HandshakeError } from "./handshake-error";

/**
 * The maximum length of a line, far above those of these protocols (RFC 5321 §4.5.3.1.5: 512, with extensions
 * some thousand).
 */
const MAX_LINE_BYTES = 65_536;

/**
 * The maximum size of the whole conversation in clear text. A server's answers are some hundred lines at
 * most.
 */
const MAX_CLEAR_BYTES = 524_288;

/**
 * The clear-text part of a conversation, line by line, however its bytes arrive. Given back by `release` so that TLS
 * can go on with the same stream.
 */
export class LineStream {
  readonly #stream: Duplex;
  #buffered = Buffer.alloc(0);
  #failure: unknown = null;
  #received = 0;
  #wake: () => void = () => {};

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream
      .on("data", this.#onData)
      .on("end", this.#onEnd)
      .on("close", this.#onEnd)
      .on("error", this.#onError);
  }

  /** The next line, without its end (CRLF, or LF alone). */
  async line(): Promise<string> {
    let end = this.#buffered.indexOf("\n");
    while (end === -1) {
      if (this.#buffered.length > MAX_LINE_BYTES) throw tooLong(this.#buffered);
      await this.#more();
      end = this.#buffered.indexOf("\n");
    }
    return this.#take(end + 1).replace(/\r?\n$/, "");
  }

  /** The next `count` bytes, which need not be lines. */
  async bytes(count: number): Promise<string> {
    if (count > MAX_LINE_BYTES) throw tooLong(this.#buffered);
    while (this.#buffered.length < count) await this.#more();
    return this.#take(count);
  }

  send(line: string): void {
    this.#stream.write(`${line}\r\n`);
  }

  /**
   * Releases the stream for the TLS handshake.
   *
   * @throws HandshakeError if clear text has arrived after the server agreed to TLS: it would be taken for
   *   protected (CVE-2011-0411)
   */
  release(): void {
    this.#stream.pause();
    this.#stream
      .off("data", this.#onData)
      .off("end", this.#onEnd)
      .off("close", this.#onEnd)
      .off("error", this.#onError);
    if (this.#buffered.length > 0) {
      throw HandshakeError.protocol("starttls", "the server sent clear text after it had agreed to TLS");
    }
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#received += chunk.length;
    if (this.#received > MAX_CLEAR_BYTES) {
      this.#stream.pause();
      this.#fail(tooMuch());
      return;
    }
    this.#buffered = Buffer.concat([this.#buffered, chunk]);
    this.#wake();
  };

  readonly #onEnd = (): void => this.#fail(Object.assign(new Error("end of stream"), { code: "ECONNRESET" }));

  readonly #onError = (error: unknown): void => this.#fail(error);

  #fail(failure: unknown): void {
    this.#failure ??= failure;
    this.#wake();
  }

  async #more(): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    const before = this.#buffered.length;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    if (this.#buffered.length === before && this.#failure !== null) throw this.#failure;
  }

  #take(count: number): string {
    const taken = this.#buffered.toString("utf8", 0, count);
    this.#buffered = this.#buffered.subarray(count);
    return taken;
  }
}

function tooMuch(): HandshakeError {
  return HandshakeError.protocol("starttls", `the server sent more than ${MAX_CLEAR_BYTES} bytes before TLS`);
}

function tooLong(buffered: Buffer): HandshakeError {
  return HandshakeError.unexpectedLine("starttls", buffered.toString("utf8", 0, 200));
}
