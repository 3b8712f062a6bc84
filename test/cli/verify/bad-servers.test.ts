import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer, type TlsOptions } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askWith } from "../../../lib/cli/verify/asking/probe";
import { TrustStore } from "../../../lib/cli/verify/chain/trust-store";
import { titleOf } from "../../../lib/cli/verify/judgement/judgement";
import { judged, type Result } from "../../../lib/cli/verify/judgement/summary";
import type { Question } from "../../../lib/cli/verify/questions/question";
import { answers } from "../../../lib/shared/tls/schedule";
import { Transports } from "../../../lib/shared/transport/ssh/transports";
import { combinedPem, type IssuedCertificate, issue, rsaKeys } from "../../support/certificates";
import { freePort } from "../../support/ports";
import { question } from "./support/questions";

const NAME = "imap.domain1.tld";
const DAY_MS = 86_400_000;
const YEAR = { notBefore: new Date(Date.now() - 30 * DAY_MS), notAfter: new Date(Date.now() + 335 * DAY_MS) };

const servers: Server[] = [];
const sockets = new Set<Socket>();
let root: IssuedCertificate;

async function listening(server: Server): Promise<number> {
  servers.push(server.listen(0, "127.0.0.1"));
  server.on("connection", (socket) => sockets.add(socket.on("error", () => {})));
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

function serving(sent: readonly IssuedCertificate[], options: TlsOptions = {}): Promise<number> {
  const pem = combinedPem(...(sent as [IssuedCertificate, ...IssuedCertificate[]]));
  // Weak keys and old versions are what is to be served here.
  const server = createServer({ key: pem, cert: pem, ciphers: "DEFAULT@SECLEVEL=0", ...options }, (socket) =>
    socket.on("error", () => {}).resume(),
  );
  return listening(server.on("tlsClientError", () => {}));
}

const saying = (serve: (socket: Socket) => void) => listening(createTcpServer(serve));

const greetingOf = (text: string) => (socket: Socket) => void socket.resume().write(text);

/** A record with a fatal alert (RFC 5246 §7.2). */
const UNRECOGNIZED_NAME = Buffer.of(21, 3, 3, 0, 2, 2, 112);

/** Each bad server, and the one line that is to be said of it. */
const EXPECTED = new Map<string, { question: Question; codes: string[]; says: string }>();

beforeAll(async () => {
  root = await issue({ subject: "CN=Root", ca: true, ...YEAR });
  const intermediate = await issue({ subject: "CN=Intermediate", issuer: root, ca: true, ...YEAR });
  const leafWith = (changes: Parameters<typeof issue>[0] = {}) =>
    issue({ subject: "CN=domain1.tld", issuer: intermediate, dnsNames: [NAME], ...YEAR, ...changes });
  const leaf = await leafWith();
  const expired = new Date(Date.now() - 2.5 * DAY_MS);
  const closed = await freePort();
  const bad = async (
    what: string,
    port: number | Promise<number>,
    codes: string[],
    says: string,
    protocol: Question["endpoint"]["protocol"] = "tls",
  ) => {
    EXPECTED.set(what, { question: question({ name: NAME, port: await port, protocol }), codes, says });
  };

  await bad("good", serving([leaf, intermediate]), [], "");
  await bad(
    "expired",
    serving([await leafWith({ notAfter: expired }), intermediate]),
    ["error VERIFY_EXPIRED"],
    "expired 2 days ago",
  );
  await bad(
    "self-signed",
    serving([await leafWith({ issuer: undefined })]),
    ["error VERIFY_UNTRUSTED"],
    "is self-signed",
  );
  await bad(
    "wrong name",
    serving([await leafWith({ dnsNames: ["imap.domain2.tld"] }), intermediate]),
    ["error VERIFY_NAME_NOT_COVERED"],
    `for imap.domain2.tld (SHA-256`,
  );
  await bad(
    "wrong order",
    serving([leaf, root, intermediate]),
    ["warning VERIFY_CHAIN_ORDER"],
    "wrong order",
  );
  await bad("incomplete", serving([leaf]), ["error VERIFY_CHAIN_INCOMPLETE"], "was not sent");
  await bad(
    "weak key",
    serving([await leafWith({ keys: await rsaKeys(1024) }), intermediate]),
    ["error VERIFY_WEAK_KEY"],
    "RSA, 1024 bits",
  );
  await bad(
    "weak signature",
    serving([await leafWith({ digest: "SHA-1" }), intermediate]),
    ["error VERIFY_WEAK_SIGNATURE"],
    "uses SHA-1",
  );
  await bad(
    "TLS 1.0 only",
    serving([leaf, intermediate], { minVersion: "TLSv1", maxVersion: "TLSv1" }),
    ["error VERIFY_TLS_VERSION"],
    "is TLSv1;",
  );
  await bad(
    "hanging",
    saying((socket) => socket.resume()),
    ["error VERIFY_NO_ANSWER"],
    "the TLS handshake took longer than 3 s",
  );
  await bad(
    "slow to greet",
    saying((socket) => socket.resume()),
    ["error VERIFY_NO_ANSWER"],
    "--timeout",
    "smtp",
  );
  await bad(
    "resetting",
    saying((socket) => socket.resetAndDestroy()),
    ["error VERIFY_NO_ANSWER"],
    "the connection was closed during",
  );
  await bad("closed port", closed, ["error VERIFY_NO_ANSWER"], "the connection was refused");
  await bad(
    "without STARTTLS",
    saying(withoutStartTls),
    ["error VERIFY_NO_STARTTLS"],
    "does not offer STARTTLS",
    "smtp",
  );
  await bad(
    "refusing STARTTLS",
    saying(refusingStartTls),
    ["error VERIFY_PROTOCOL"],
    "454 TLS not available",
    "smtp",
  );
  await bad(
    "greeting of 10 KB",
    saying(greetingOf(`220 ${"x".repeat(10_000)}\r\n`)),
    ["error VERIFY_NO_ANSWER"],
    "the negotiation of STARTTLS took longer",
    "smtp",
  );
  await bad(
    "greeting without end",
    saying(greetingOf(`220 ${"x".repeat(100_000)}`)),
    ["error VERIFY_PROTOCOL"],
    "the server answered",
    "smtp",
  );
  await bad(
    "another protocol",
    saying(greetingOf("HTTP/1.1 400 Bad Request\r\n\r\n")),
    ["error VERIFY_PROTOCOL"],
    "HTTP/1.1 400 Bad Request",
    "imap",
  );
  await bad(
    "clear text on a TLS port",
    saying(greetingOf("* OK [CAPABILITY IMAP4rev1] ready\r\n")),
    ["error VERIFY_NOT_TLS"],
    "was not TLS",
  );
  await bad(
    "TLS where clear text is due",
    serving([leaf, intermediate]),
    ["error VERIFY_NO_ANSWER"],
    "the wait for the greeting took longer",
    "imap",
  );
  await bad(
    "alert",
    saying((socket) => socket.once("data", () => socket.end(UNRECOGNIZED_NAME))),
    ["error VERIFY_ALERT"],
    "TLS alert 112 (unrecognized_name)",
  );
});

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
});

function withoutStartTls(socket: Socket): void {
  socket.write("220 mx1 ESMTP\r\n");
  socket.on("data", () => socket.write("250-mx1\r\n250 SIZE 1000\r\n"));
}

function refusingStartTls(socket: Socket): void {
  socket.write("220 mx1 ESMTP\r\n");
  socket.on("data", (line) =>
    socket.write(
      line.toString().startsWith("EHLO") ? "250-mx1\r\n250 STARTTLS\r\n" : "454 TLS not available\r\n",
    ),
  );
}

describe("a run over servers that are all bad in another way, on one host", () => {
  const seen = new Map<number, Result>();
  beforeAll(async () => {
    const trust = new TrustStore([new X509Certificate(root.pem)]);
    const questions = [...EXPECTED.values()].map((one) => one.question);
    const answered = answers(questions, { ask: askWith(new Transports(), 3000), connections: 4 });
    for await (const result of judged(answered, { trust, at: new Date() })) {
      seen.set(result.question.endpoint.port, result);
    }
  });

  it("THEN each has one clear line of its own, and none holds back another", () => {
    expect(seen.size).toBe(EXPECTED.size);
    for (const [what, { question, codes, says }] of EXPECTED) {
      const findings = seen.get(question.endpoint.port)?.findings ?? [];
      const said = findings.map(({ problem, remedy }) => `${problem} ${remedy}`).join(" ");
      expect([what, ...findings.map(({ severity, code }) => `${severity} ${code}`)]).toEqual([
        what,
        ...codes,
      ]);
      expect(said.toLowerCase()).toContain(says.toLowerCase());
      expect(said).not.toContain("\n");
      expect(said.length).toBeLessThan(600);
      expect(titleOf(question)).toBe(NAME);
    }
  });
});
