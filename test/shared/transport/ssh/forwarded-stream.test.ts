import { once } from "node:events";
import { existsSync, lstatSync, readdirSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { dirname } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { presentedCertificate } from "../../../../lib/shared/tls/handshake";
import type { Protocol } from "../../../../lib/shared/tls/protocols";
import { SessionLost } from "../../../../lib/shared/transport/session";
import { SshConnection } from "../../../../lib/shared/transport/ssh/connection";
import { refusalError } from "../../../../lib/shared/transport/ssh/forwarded-stream";
import { SshTransport } from "../../../../lib/shared/transport/ssh/transport";
import { startTlsServer, type TlsServer } from "../../../provider/host/support/tls-server";
import { combinedPem, issue } from "../../../support/certificates";
import { freePort } from "../../../support/ports";
import { describeIf, sshd } from "../../../support/requirements";
import { SshServer, type SshServerOptions } from "../../../support/ssh-server";

describeIf(sshd, "an endpoint that is asked through ssh", () => {
  let tls: TlsServer;
  let combined: string;
  const stops: (() => unknown)[] = [];
  beforeAll(async () => {
    combined = combinedPem(await issue({ subject: "CN=a.test", dnsNames: ["a.test"] }));
    tls = await startTlsServer(() => combined);
  });
  afterAll(() => tls.stop());
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  });

  async function through(options?: SshServerOptions) {
    const server = await SshServer.start(options);
    stops.push(() => server.stop());
    const connection = new SshConnection(server.settings());
    stops.push(() => connection.close());
    await connection.master();
    const transport = new SshTransport(connection);
    const ask = async (port: number, protocol: Protocol = "tls", deadlineMs = 20_000) =>
      presentedCertificate({
        ...transport.target({ address: "127.0.0.1", port, protocol }),
        protocol,
        serverName: "a.test",
        deadlineMs,
      });
    return { ask, connection };
  }

  async function listen(answer: (server: Server) => void): Promise<number> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    answer(server);
    stops.push(() => server.close());
    return (server.address() as AddressInfo).port;
  }

  it("THEN the certificate is that which the host itself would see, several times at once", async () => {
    const { ask } = await through();
    const seen = await Promise.all(Array.from({ length: 5 }, () => ask(tls.port)));
    expect(seen.map(({ leaf }) => leaf.dnsNames)).toEqual(Array(5).fill(["a.test"]));
  });

  it("GIVEN many handshakes with two servers THEN each has one socket, which this user alone can connect to", async () => {
    const { ask, connection } = await through();
    const other = await startTlsServer(() => combined);
    stops.push(() => other.stop());
    for (let times = 0; times < 5; times++) await Promise.all([ask(tls.port), ask(other.port)]);

    const sockets = await Promise.all(
      [tls, other].map(async ({ port }) => (await connection.master()).forwarding("127.0.0.1", port)),
    );
    expect(readdirSync(dirname(String(sockets[0]))).filter((name) => /^f\d/.test(name))).toHaveLength(2);
    for (const socket of sockets) {
      expect(lstatSync(socket).mode & 0o777).toBe(0o600);
      expect(lstatSync(dirname(socket)).mode & 0o777).toBe(0o700);
    }
    await connection.close();
    expect(existsSync(dirname(String(sockets[0])))).toBe(false);
  });

  it.each<Protocol>(["tls", "smtp"])(
    "GIVEN nothing that listens, by %s, THEN that is a refusal",
    async (protocol) => {
      const { ask } = await through();
      const port = await freePort();
      await expect(ask(port as number, protocol)).rejects.toMatchObject({ failure: "refused" });
    },
  );

  it.each<[string, SshServerOptions]>([
    ["a server that forwards nothing", { config: ["AllowTcpForwarding no"] }],
    ["a server that forwards to other ports", { config: ["PermitOpen 127.0.0.1:1"] }],
    ["a key that may not forward", { keyOptions: "restrict" }],
  ])("GIVEN %s THEN that is told from a refusal of the service", async (_, options) => {
    const { ask } = await through(options);
    await expect(ask(tls.port)).rejects.toMatchObject({ failure: "forbidden" });
    await expect(ask(tls.port, "imap")).rejects.toMatchObject({ failure: "forbidden" });
  });

  it("GIVEN a server that greets late THEN it is waited for; GIVEN one that never does THEN not for ever", async () => {
    const late = await listen((server) =>
      server.on("connection", (socket) => {
        socket.on("error", () => {});
        setTimeout(() => socket.end("554 not today\r\n"), 300);
      }),
    );
    const silent = await listen((server) =>
      server.on("connection", (socket) => socket.on("error", () => {})),
    );
    const { ask } = await through();

    await expect(ask(late, "smtp")).rejects.toMatchObject({ failure: "protocol", phase: "greeting" });
    await expect(ask(silent, "smtp", 500)).rejects.toMatchObject({ failure: "timeout", phase: "greeting" });
  });

  it("GIVEN a server that hangs up THEN that is said as without ssh", async () => {
    const port = await listen((server) => server.on("connection", (socket) => socket.destroy()));
    const { ask } = await through();
    await expect(ask(port)).rejects.toMatchObject({ failure: "closed" });
    await expect(ask(port, "imap")).rejects.toMatchObject({ failure: "closed" });
  });

  it("GIVEN a connection that has ended THEN no server is blamed for it, and no other connection is made", async () => {
    const { ask, connection } = await through();
    await connection.close();
    await expect(ask(tls.port)).rejects.toThrow(SessionLost);
  });

  it.each([
    ["connect failed: Connection refused", "refused"],
    ["administratively prohibited: open failed", "forbidden"],
    ["connect failed: No route to host", "unreachable"],
    ["connect failed: Name or service not known", "unreachable"],
  ])("GIVEN %j of sshd THEN the failure is %s", (reason, failure) => {
    expect(refusalError(reason)).toMatchObject({ failure });
  });
});
