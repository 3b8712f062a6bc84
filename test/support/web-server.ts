import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join, normalize } from "node:path";
import { setTimeout } from "node:timers/promises";

/** A web server on port 80 that serves the files below a directory. */
export class WebServer {
  /** What was asked for, in order: the host and the path. */
  readonly requests: string[] = [];
  /** How long it takes before it looks for a file. */
  latencyMs = 0;

  private constructor(
    private readonly server: Server,
    readonly address: string,
    readonly directory: string,
  ) {}

  /** @param root the directory below whose `/tmp` its own is made */
  static async start(address: string, root = "/"): Promise<WebServer> {
    const directory = mkdtempSync(join(root, tmpdir(), "mail-sni-web-"));
    const server = createServer();
    const web = new WebServer(server, address, directory);
    server.on("request", async (request, response) => {
      web.requests.push(`${request.headers.host}${request.url}`);
      if (web.latencyMs > 0) await setTimeout(web.latencyMs);
      const file = join(directory, normalize(`/${request.url}`));
      if (!existsSync(file)) response.writeHead(404).end();
      else response.end(readFileSync(file));
    });
    server.listen(80, address);
    await once(server, "listening");
    return web;
  }

  /** The challenges that lie there now. */
  get tokens(): readonly string[] {
    const directory = join(this.directory, ".well-known/acme-challenge");
    return existsSync(directory) ? readdirSync(directory) : [];
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
