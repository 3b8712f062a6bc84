import { once } from "node:events";
import type { AddressInfo, Server, Socket } from "node:net";
import { createSecureContext, createServer, type SecureContext } from "node:tls";
import { combinedPem, type IssuedCertificate } from "../../support/certificates";

export interface Served {
  readonly leaf: IssuedCertificate;
  readonly chain?: readonly IssuedCertificate[];
}

/** Servers on 127.0.0.1 that present a certificate by name, until all are closed. */
export class TlsServers {
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #contexts = new Map<number, Map<string, SecureContext>>();

  /** @param byDefault what all others are presented */
  async start(byDefault: Served, byName: Readonly<Record<string, Served>> = {}): Promise<number> {
    const contexts = new Map(Object.entries(byName).map(([name, served]) => [name, contextOf(served)]));
    const pem = pemOf(byDefault);
    const server = createServer(
      { key: pem, cert: pem, SNICallback: (name, done) => done(null, contexts.get(name.toLowerCase())) },
      (socket) => socket.on("error", () => {}).resume(),
    );
    server.on("tlsClientError", () => {});
    server.on("connection", (socket: Socket) => this.#sockets.add(socket.on("error", () => {})));
    this.#servers.push(server.listen(0, "127.0.0.1"));
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    this.#contexts.set(port, contexts);
    return port;
  }

  /** From now on, a server presents something else for a name. */
  present(port: number, name: string, served: Served): void {
    this.#contexts.get(port)?.set(name, contextOf(served));
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#servers.splice(0).map((server) => new Promise((done) => server.close(done))));
  }
}

function pemOf({ leaf, chain = [] }: Served): string {
  return combinedPem(leaf, ...chain);
}

function contextOf(served: Served): SecureContext {
  return createSecureContext({ key: pemOf(served), cert: pemOf(served) });
}
