import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { ServerCertificates } from "./certificates";
import { type Beginning, Session } from "./session";

export interface QmailOptions {
  /** QMAILDIR. Its `control/` is read again for each connection. */
  readonly directory: string;
  /**
   * - `starttls`: ports 25 and 587.
   * - `smtps`: port 465 under tcpserver with `SMTPS=1`; SNI works.
   * - `sslserver`: port 465 as the stock script has it. The certificate is read once, at the start, and
   *   `servercerts/` never.
   *
   * @default "starttls"
   */
  readonly mode?: Beginning["kind"];
  /** @default a free one */
  readonly port?: number;
  /** Seconds before the greeting; the stock submission script has 3, on loopback too. @default 0 */
  readonly greetDelaySeconds?: number;
  /** What stands in `control/me`. @default "mx.test" */
  readonly hostName?: string;
}

/**
 * A stand-in for the SMTP servers of Roberto Puzzanghera's qmail distribution, of which there is no Debian package:
 * which certificate it presents, and everything that a client sees until then, is as `facts/qmail.md` says.
 */
export class QmailServer {
  readonly #sessions = new Set<Session>();

  private constructor(private readonly server: Server) {}

  /** @throws Error in the mode `sslserver` where the certificate cannot be loaded: that program does not start then */
  static async start({
    directory,
    mode = "starttls",
    port = 0,
    greetDelaySeconds = 0,
    hostName = "mx.test",
  }: QmailOptions): Promise<QmailServer> {
    const certificates = new ServerCertificates(directory);
    // The stock script's `CERTFILE` is the default certificate's file.
    const beginning: Beginning =
      mode === "sslserver" ? { kind: mode, context: certificates.loadDefault() } : { kind: mode };
    const server = createServer((socket) => {
      const session = new Session(socket, { beginning, certificates, hostName, greetDelaySeconds });
      qmail.#sessions.add(session);
      socket.once("close", () => qmail.#sessions.delete(session));
      void session.run();
    });
    const qmail = new QmailServer(server);
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return qmail;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const session of this.#sessions) session.abort();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
