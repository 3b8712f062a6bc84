import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createSecureContext, createServer } from "node:tls";

/** Where a test's TLS server is, and how it is stopped. */
export interface TlsServer {
  readonly port: number;
  stop(): Promise<void>;
}

export interface TlsServerOptions {
  readonly port?: number;
  readonly delayMs?: number;
  /** Names for which it never answers. */
  readonly silentFor?: readonly string[];
}

/**
 * A TLS server on 127.0.0.1. For each connection `pemFor` gives the combined PEM that is presented for the name that was sent;
 * undefined where no name was sent.
 */
export async function startTlsServer(
  pemFor: (name: string | undefined) => string | undefined,
  { port = 0, delayMs = 0, silentFor = [] }: TlsServerOptions = {},
): Promise<TlsServer> {
  const context = (name: string | undefined) => {
    const pem = pemFor(name);
    return pem === undefined ? undefined : createSecureContext({ key: pem, cert: pem });
  };
  const server = createServer({
    SNICallback: (name, answer) => {
      if (!silentFor.includes(name)) setTimeout(() => answer(null, context(name)), delayMs);
    },
  });
  const refresh = () => {
    const pem = pemFor(undefined);
    if (pem !== undefined) server.setSecureContext({ key: pem, cert: pem });
  };
  refresh();
  server.on("connection", refresh);
  server.on("tlsClientError", () => {});
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
