import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A port on 127.0.0.1 that leads to another one, and can be shut: then nothing listens there. */
export class TcpGate {
  readonly #sockets = new Set<Socket>();

  private constructor(
    private server: Server,
    private readonly target: number,
    readonly port: number,
  ) {}

  static async open(target: number): Promise<TcpGate> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const gate = new TcpGate(server, target, (server.address() as AddressInfo).port);
    server.on("connection", (socket) => gate.#lead(socket));
    return gate;
  }

  /** Refuses connections and cuts those that are open. */
  async shut(): Promise<void> {
    const closed = this.server.listening ? once(this.server, "close") : undefined;
    this.server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async reopen(): Promise<void> {
    if (this.server.listening) return;
    this.server = createServer((socket) => this.#lead(socket));
    this.server.listen(this.port, "127.0.0.1");
    await once(this.server, "listening");
  }

  close(): Promise<void> {
    return this.shut();
  }

  #lead(socket: Socket): void {
    const onward = connect({ port: this.target, host: "127.0.0.1" });
    for (const end of [socket, onward]) {
      this.#sockets.add(end);
      // A cut shows as the other end's close.
      end.on("error", () => {});
      end.on("close", () => {
        this.#sockets.delete(end);
        socket.destroy();
        onward.destroy();
      });
    }
    socket.pipe(onward).pipe(socket);
  }
}
