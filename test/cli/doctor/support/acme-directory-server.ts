import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { combinedPem, issue } from "../../../support/certificates";

/** The directory of an ACME server, with a certificate from a CA of its own. */
export class AcmeDirectoryServer {
  /** What it answers with. */
  status = 200;
  document: object = { newOrder: "https://localhost/order", meta: { caaIdentities: ["ca.test"] } };

  private constructor(
    private readonly server: Server,
    readonly rootPem: string,
  ) {
    server.on("request", (_, response) => response.writeHead(this.status).end(JSON.stringify(this.document)));
  }

  static async start(): Promise<AcmeDirectoryServer> {
    const root = await issue({ subject: "CN=Root", ca: true });
    const leaf = await issue({ subject: "CN=localhost", issuer: root, dnsNames: ["localhost"] });
    const pem = combinedPem(leaf);
    const server = createServer({ key: pem, cert: pem }).listen(0, "localhost");
    await once(server, "listening");
    return new AcmeDirectoryServer(server, root.pem);
  }

  get url(): string {
    return `https://localhost:${(this.server.address() as AddressInfo).port}/directory`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
