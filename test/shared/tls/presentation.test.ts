import { once } from "node:events";
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from "node:net";
import { createServer, type SecureVersion, type TlsOptions } from "node:tls";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { HandshakeError } from "../../../lib/shared/tls/handshake-error";
import { presentation, presentedLeaf } from "../../../lib/shared/tls/presentation";
import { certificatesAsSent } from "../../support/certificate-message";
import { type IssuedCertificate, issue } from "../../support/certificates";

let root: IssuedCertificate;
let intermediate: IssuedCertificate;
let leaf: IssuedCertificate;
let stranger: IssuedCertificate;

beforeAll(async () => {
  root = await issue({ subject: "CN=Root", ca: true });
  intermediate = await issue({ subject: "CN=Intermediate", issuer: root, ca: true });
  leaf = await issue({ subject: "CN=leaf", issuer: intermediate, dnsNames: ["domain1.tld"] });
  stranger = await issue({ subject: "CN=stranger", ca: true });
});

const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

async function listening(server: Server): Promise<number> {
  servers.push(server.listen(0, "127.0.0.1"));
  server.on("connection", (socket) => sockets.add(socket.on("error", () => {})));
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** @param sent the certificates as the server's file has them, the leaf first */
function serving(sent: readonly IssuedCertificate[], options: TlsOptions = {}): Promise<number> {
  const cert = sent.map(({ pem }) => pem).join("");
  const server = createServer({ key: sent[0]?.keyPem, cert, ...options }, (socket) =>
    socket.on("error", () => {}).resume(),
  );
  return listening(server.on("tlsClientError", () => {}));
}

/** A server in front of another, which passes on byte by byte what that says, and keeps it. */
async function relayed(port: number): Promise<{ port: number; said: Buffer[] }> {
  const said: Buffer[] = [];
  const relay = createTcpServer((client) => {
    const server = connect(port, "127.0.0.1");
    sockets.add(server.on("error", () => {}));
    client.pipe(server);
    server.on("data", (chunk) => {
      said.push(chunk);
      for (const byte of chunk) client.write(Buffer.of(byte));
    });
    server.on("end", () => client.end());
  });
  return { port: await listening(relay), said };
}

const options = (port: number) =>
  ({
    endpoint: { host: "127.0.0.1", port },
    protocol: "tls",
    serverName: "domain1.tld",
    deadlineMs: 20_000,
  }) as const;

const VERSIONS: readonly SecureVersion[] = ["TLSv1.2", "TLSv1.3"];

const LISTS: readonly [shown: string, sent: () => IssuedCertificate[]][] = [
  ["in order", () => [leaf, intermediate, root]],
  ["in wrong order", () => [leaf, root, intermediate]],
  ["alone", () => [leaf]],
  ["twice", () => [leaf, leaf, intermediate]],
  ["with others that lead nowhere", () => [leaf, stranger, intermediate, stranger]],
];

describe("presentation", () => {
  describe.each(VERSIONS)("%s", (version) => {
    it.each(LISTS)("GIVEN a leaf %s THEN the certificates are told as sent", async (_, sent) => {
      const port = await serving(sent(), { minVersion: version, maxVersion: version });
      const seen = await presentation(options(port));
      expect(seen.version).toBe(version);
      expect(seen.certificates.map(({ subject }) => subject)).toEqual(
        sent().map(({ certificate }) => certificate.subject),
      );
    });

    it("GIVEN a list of nearly 100 KB THEN all of it is told", async () => {
      const many = Array.from({ length: Math.floor(98_000 / sizeOf(stranger)) }, () => stranger);
      const port = await serving([leaf, ...many], { minVersion: version, maxVersion: version });
      expect((await presentation(options(port))).certificates).toHaveLength(1 + many.length);
    });

    it("GIVEN a list of more than 100 KB THEN it is an error that says so", async () => {
      const many = Array.from({ length: Math.ceil(110_000 / sizeOf(stranger)) }, () => stranger);
      const port = await serving([leaf, ...many], { minVersion: version, maxVersion: version });
      const error: HandshakeError = await presentation(options(port)).then(
        () => Promise.reject(new Error("it was accepted")),
        (failed) => failed,
      );
      expect(error).toMatchObject({ failure: "protocol", phase: "handshake" });
      expect(error.message).toContain("excessive message size");
    });
  });

  it.each(LISTS)(
    "GIVEN a leaf %s THEN that is what was on the wire, in records of any size, byte by byte",
    async (_, sent) => {
      // TLS 1.2, which sends certificates in clear.
      const relay = await relayed(await serving(sent(), { maxVersion: "TLSv1.2" }));
      const seen = await presentation(options(relay.port));
      expect(seen.certificates.map(({ raw }) => raw.toString("hex"))).toEqual(
        certificatesAsSent(Buffer.concat(relay.said)).map((der) => der.toString("hex")),
      );
    },
  );

  it("GIVEN TLS 1.0 alone THEN it is told with its version", async () => {
    const old = { minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
    expect((await presentation(options(await serving([leaf], old)))).version).toBe("TLSv1");
  });

  it("GIVEN versions THEN no others are offered", async () => {
    const versions = { min: "TLSv1.2", max: "TLSv1.2" } as const;
    expect((await presentation({ ...options(await serving([leaf])), versions })).version).toBe("TLSv1.2");
    const port = await serving([leaf], { minVersion: "TLSv1.3" });
    await expect(presentation({ ...options(port), versions })).rejects.toMatchObject({
      failure: "alert",
      alert: { name: "protocol_version" },
    });
  });
});

describe("presentedLeaf", () => {
  it.each(VERSIONS)(
    "%s GIVEN a leaf and a chain THEN the leaf is told, and holds no other",
    async (version) => {
      const sent = [leaf, intermediate, root];
      const port = await serving(sent, { minVersion: version, maxVersion: version });
      const { version: told, certificates } = await presentedLeaf(options(port));
      expect(told).toBe(version);
      expect(certificates.map(({ subject }) => subject)).toEqual(["CN=leaf"]);
      expect(certificates[0].issuerCertificate).toBeUndefined();
    },
  );

  it("GIVEN a server that does not answer THEN that is a handshake error", async () => {
    const port = await listening(createTcpServer());
    await expect(presentedLeaf({ ...options(port), deadlineMs: 50 })).rejects.toMatchObject({
      failure: "timeout",
    });
  });
});

/** With its length in front. */
function sizeOf({ certificate }: IssuedCertificate): number {
  return certificate.rawData.byteLength + 3;
}
