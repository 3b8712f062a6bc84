import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** An HTTP proxy for HTTPS (CONNECT) that takes every name for this machine's: a client need not know where it is. */
export class TunnelProxy {
  /** What it was asked for, and with which credentials. */
  readonly asked: { readonly target: string | undefined; readonly credentials: string | undefined }[] = [];
  /** What it answers; only after 200 there is a way. */
  status = 200;
  readonly #sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {
    server.on("connect", ({ url, headers }, client: Socket) => {
      this.asked.push({ target: url, credentials: headers["proxy-authorization"] });
      this.#lead(client, Number(url?.split(":")[1]));
    });
  }

  static async start(): Promise<TunnelProxy> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new TunnelProxy(server);
  }

  /** `ADDRESS:PORT` */
  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }

  #lead(client: Socket, port: number): void {
    this.#sockets.add(client);
    // A cut shows as the other end's close.
    client.on("error", () => {});
    if (this.status !== 200) {
      client.end(`HTTP/1.1 ${this.status} No\r\n\r\n`);
      return;
    }
    const onward = connect({ host: "127.0.0.1", port });
    this.#sockets.add(onward);
    onward.on("error", () => client.destroy());
    client.write("HTTP/1.1 200 OK\r\n\r\n");
    onward.pipe(client).pipe(onward);
  }
}
