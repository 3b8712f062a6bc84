import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { pipeline, Transform } from "node:stream";

/** Passes TCP connections on to another port of 127.0.0.1, unless something is to go wrong on the way. */
export class Relay {
  /** @param delayMs how long what is sent takes, in each direction */
  static async start(target: number, { delayMs = 0 } = {}): Promise<Relay> {
    const server = createServer();
    const relay = new Relay(server, target, delayMs);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return relay;
  }

  readonly #sockets = new Set<Socket>();
  readonly #held: (() => void)[] = [];
  #holding = false;
  #arrived: (() => void) | undefined;
  /** Bytes that were passed on, in both directions. */
  bytes = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: number,
    private readonly delayMs: number,
  ) {
    server.on("connection", (socket) => this.#accept(socket));
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** From now on connections are taken, and nothing is passed on. @returns when the first of them is there */
  hold(): Promise<void> {
    this.#holding = true;
    return new Promise((resolve) => {
      this.#arrived = resolve;
    });
  }

  /** Passes on what was held back. */
  release(): void {
    this.#holding = false;
    for (const pass of this.#held.splice(0)) pass();
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #accept(socket: Socket): void {
    this.#track(socket);
    if (this.#holding) {
      this.#held.push(() => this.#pass(socket));
      this.#arrived?.();
    } else this.#pass(socket);
  }

  #pass(socket: Socket): void {
    const other = connect({ port: this.target, host: "127.0.0.1", noDelay: true });
    this.#track(other);
    socket.setNoDelay();
    pipeline(socket, this.#way(), other, () => socket.destroy());
    pipeline(other, this.#way(), socket, () => other.destroy());
  }

  /** Each chunk is as late as the others: a longer way, not a narrower one. */
  #way(): Transform {
    const late = (done: () => void) => (this.delayMs === 0 ? done() : setTimeout(done, this.delayMs));
    const count = (chunk: Buffer) => {
      this.bytes += chunk.length;
    };
    return new Transform({
      transform(chunk: Buffer, _, next) {
        count(chunk);
        late(() => this.push(chunk));
        next();
      },
      flush: (done) => late(done),
    });
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => this.#sockets.delete(socket));
  }
}
