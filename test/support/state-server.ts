import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface StateRequest {
  readonly method: string;
  readonly path: string;
}

/**
 * A server of the engines' `http` backend, as GitLab's is: states by path, GET and POST, and a lock of each (POST and DELETE
 * below `/lock`). It asks for a user and a password.
 */
export class StateServer {
  static async start(): Promise<StateServer> {
    const server = new StateServer();
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  readonly user = "mail";
  readonly password = "a password of the tests";
  readonly requests: StateRequest[] = [];
  readonly #states = new Map<string, Buffer>();
  /** What the engine says about a lock that it takes. */
  readonly #locks = new Map<string, Buffer>();
  readonly #server: Server = createServer((request, response) => {
    void bodyOf(request).then((body) => this.#answer(request, body, response));
  });

  address(name: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${name}`;
  }

  /** The environment of an engine that keeps a state here. */
  environment(name: string): Readonly<Record<string, string>> {
    const lock = `${this.address(name)}/lock`;
    return {
      TF_HTTP_ADDRESS: this.address(name),
      TF_HTTP_LOCK_ADDRESS: lock,
      TF_HTTP_LOCK_METHOD: "POST",
      TF_HTTP_UNLOCK_ADDRESS: lock,
      TF_HTTP_UNLOCK_METHOD: "DELETE",
      TF_HTTP_USERNAME: this.user,
      TF_HTTP_PASSWORD: this.password,
      TF_HTTP_RETRY_MAX: "0",
    };
  }

  /** The text of a state; null where none was written. */
  state(name: string): string | null {
    return this.#states.get(`/${name}`)?.toString() ?? null;
  }

  /** Whether a state is locked: a killed engine leaves its lock. */
  isLocked(name: string): boolean {
    return this.#locks.has(`/${name}/lock`);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  #answer({ method = "", url = "", headers }: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const path = url.replace(/\?.*$/, "");
    this.requests.push({ method, path });
    const allowed = `Basic ${Buffer.from(`${this.user}:${this.password}`).toString("base64")}`;
    if (headers.authorization !== allowed) return void response.writeHead(401).end();
    if (path.endsWith("/lock")) this.#lock(method, path, body, response);
    else this.#keep(method, path, body, response);
  }

  #lock(method: string, path: string, body: Buffer, response: ServerResponse): void {
    const held = this.#locks.get(path);
    if (method === "POST" && held) return void response.writeHead(423).end(held);
    if (method === "POST") this.#locks.set(path, body);
    else this.#locks.delete(path);
    response.writeHead(200).end();
  }

  #keep(method: string, path: string, body: Buffer, response: ServerResponse): void {
    if (method === "POST") {
      this.#states.set(path, body);
      return void response.writeHead(200).end();
    }
    const state = this.#states.get(path);
    response.writeHead(state ? 200 : 404).end(state);
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
