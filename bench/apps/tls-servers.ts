import { readFileSync } from "node:fs";
import type { AddressInfo, Socket } from "node:net";
import { createSecureContext, createServer, type SecureContext } from "node:tls";

/**
 * TLS servers on 127.0.0.1 that present to each name its own certificate, until standard input ends. Their ports are the
 * first line of the output.
 */
const [certificatesFile = "", ports = ""] = process.argv.slice(2);

const pems = Object.entries<string>(JSON.parse(readFileSync(certificatesFile, "utf8")));
const contexts = new Map<string, SecureContext>();
for (const [name, pem] of pems) contexts.set(name, createSecureContext({ key: pem, cert: pem }));
const [[, fallback = ""] = []] = pems;

const servers = Array.from({ length: Number(ports) }, () =>
  createServer(
    {
      key: fallback,
      cert: fallback,
      SNICallback: (name, done) => done(null, contexts.get(name.toLowerCase())),
    },
    (socket) => socket.on("error", () => {}).resume(),
  )
    .on("connection", (socket: Socket) => socket.on("error", () => {}))
    .on("tlsClientError", () => {}),
);

async function listen(): Promise<void> {
  await Promise.all(
    servers.map((server) => new Promise<void>((done) => server.listen(0, "127.0.0.1", 511, done))),
  );
  console.log(JSON.stringify(servers.map((server) => (server.address() as AddressInfo).port)));
  process.stdin.on("end", () => process.exit()).resume();
}

void listen();
