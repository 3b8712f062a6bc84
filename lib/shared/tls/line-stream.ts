import type { Duplex } from "node:stream";
import { ByteQueue } from "./byte-queue";
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
  readonly #arrived = new ByteQueue();
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
    let length = this.#arrived.lineLength();
    while (length === null) {
      if (this.#arrived.length > MAX_LINE_BYTES) throw this.#tooLong();
      await this.#more();
      length = this.#arrived.lineLength();
    }
    return this.#arrived.take(length).replace(/\r?\n$/, "");
  }

  /** The next `count` bytes, which need not be lines. */
  async bytes(count: number): Promise<string> {
    if (count > MAX_LINE_BYTES) throw this.#tooLong();
    while (this.#arrived.length < count) await this.#more();
    return this.#arrived.take(count);
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
    if (this.#arrived.length > 0) {
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
    this.#arrived.append(chunk);
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
    const before = this.#arrived.length;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    if (this.#arrived.length === before && this.#failure !== null) throw this.#failure;
  }

  #tooLong(): HandshakeError {
    return HandshakeError.unexpectedLine("starttls", this.#arrived.first(200));
  }
}

function tooMuch(): HandshakeError {
  return HandshakeError.protocol("starttls", `the server sent more than ${MAX_CLEAR_BYTES} bytes before TLS`);
}
