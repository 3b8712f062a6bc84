import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { createSecureContext, TLSSocket } from "node:tls";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type HandshakeOptions, presentedCertificate } from "../../../lib/shared/tls/handshake";
import type { HandshakeError } from "../../../lib/shared/tls/handshake-error";
import type { Protocol } from "../../../lib/shared/tls/protocols";
import { type IssuedCertificate, issue } from "../../support/certificates";
import { ENDLESS_ANSWERS, REFUSING_GREETINGS } from "../../support/hostile-peers";

let root: IssuedCertificate;
let intermediate: IssuedCertificate;
let leaf: IssuedCertificate;
let fallback: IssuedCertificate;

beforeAll(async () => {
  root = await issue({ subject: "CN=Root", ca: true });
  intermediate = await issue({ subject: "CN=Intermediate", issuer: root, ca: true });
  const expired = new Date(Date.now() - 1000);
  leaf = await issue({ issuer: intermediate, dnsNames: ["domain1.tld"], notAfter: expired });
  fallback = await issue({ dnsNames: ["default.tld"] });
});

/** One server at a time, with everything that connected to it. */
let server: Server | undefined;
const sockets = new Set<Socket>();
/** What the client did that a strict server does not accept. */
const complaints: string[] = [];

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  if (server !== undefined) await new Promise((resolve) => server?.close(resolve));
  server = undefined;
  expect(complaints.splice(0)).toEqual([]);
});

async function listen(serve: (socket: Socket) => unknown): Promise<number> {
  server = createServer(async (socket) => {
    sockets.add(socket.on("error", () => {}));
    await serve(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** What is presented: the leaf for domain1.tld, the default for others; the names that were asked for. */
const asked: (string | false | null)[] = [];
function startTlsOn(socket: Socket): void {
  const context = (one: IssuedCertificate, ...chain: IssuedCertificate[]) =>
    createSecureContext({ key: one.keyPem, cert: [one, ...chain].map(({ pem }) => pem).join("") });
  const secure = new TLSSocket(socket, {
    isServer: true,
    secureContext: context(fallback),
    SNICallback: (name, done) =>
      done(null, name.toLowerCase() === "domain1.tld" ? context(leaf, intermediate) : context(fallback)),
  });
  secure.on("error", () => {});
  secure.on("secure", () => asked.push((secure as TLSSocket & { servername: string | false }).servername));
}

type Step = { expect: string } | { say: string };
const expectLine = (line: string): Step => ({ expect: line });
const say = (...lines: string[]): Step => ({ say: lines.map((line) => `${line}\r\n`).join("") });

/** Plays its part of a conversation, byte by byte, and then speaks TLS. Complains of anything out of turn. */
function script(
  steps: Step[],
  { greetingDelayMs = 0, ...options }: { greetingDelayMs?: number; thenTls?: boolean } = {},
) {
  return async (socket: Socket) => {
    let received = "";
    const listener = (chunk: Buffer) => {
      received += chunk.toString("latin1");
    };
    socket.on("data", listener);
    const turn = () => new Promise((resolve) => setTimeout(resolve, 1));
    await new Promise((resolve) => setTimeout(resolve, greetingDelayMs));
    for (const step of steps) {
      if ("say" in step) {
        if (received !== "") complaints.push(`spoke out of turn: ${JSON.stringify(received)}`);
        for (const byte of step.say) {
          if (socket.destroyed) return;
          socket.write(byte, "latin1");
          if (byte === "-" || byte === "\r" || byte === " ") await turn();
        }
      } else {
        while (!received.includes("\n") && !socket.destroyed) await turn();
        if (socket.destroyed) return;
        if (received !== `${step.expect}\r\n`) complaints.push(`said ${JSON.stringify(received)}`);
        received = "";
      }
    }
    if (received !== "") complaints.push(`did not wait: ${JSON.stringify(received)}`);
    socket.off("data", listener);
    if (options.thenTls ?? true) startTlsOn(socket);
  };
}

const SCRIPTS = {
  smtp: [
    say("220-mx1.domain1.tld ESMTP", "220 ready"),
    expectLine("EHLO [127.0.0.1]"),
    say("250-mx1.domain1.tld", "250-PIPELINING", "250-starttls", "250 SIZE 1000"),
    expectLine("STARTTLS"),
    say("220 ready for tls"),
  ],
  imap: [
    say("* OK [CAPABILITY IMAP4rev1] Dovecot ready."),
    expectLine("a1 CAPABILITY"),
    say("* NOTICE hello", "* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED", "A1 ok done"),
    expectLine("a2 STARTTLS"),
    say("* OK nearly", "a2 OK begin"),
  ],
  pop3: [
    say("+OK <1@domain1.tld> ready"),
    expectLine("CAPA"),
    say("+OK", "TOP", "STLS", "USER", "."),
    expectLine("STLS"),
    say("+OK begin"),
  ],
  sieve: [
    say(
      '"IMPLEMENTATION" "Dovecot (OK) Pigeonhole"',
      '"SIEVE" {10}',
      "STARTTLS\r\n",
      '"STARTTLS"',
      "OK {5}",
      "ready",
    ),
    expectLine("STARTTLS"),
    say('OK (WARNINGS) "begin"'),
  ],
} satisfies Record<Exclude<Protocol, "tls">, Step[]>;
const PROTOCOLS = Object.keys(SCRIPTS) as (keyof typeof SCRIPTS)[];

function look(port: number, options: Partial<HandshakeOptions> = {}) {
  const endpoint = { host: "127.0.0.1", port };
  return presentedCertificate({
    endpoint,
    protocol: "tls",
    serverName: "domain1.tld",
    deadlineMs: 5000,
    ...options,
  });
}

const failure = (...given: Parameters<typeof look>): Promise<HandshakeError> =>
  look(...given).then(
    () => Promise.reject(new Error("a certificate was seen")),
    (error) => error,
  );

describe("presentedCertificate", () => {
  it("GIVEN a TLS port THEN leaf, names and chain are told, although the leaf is expired and its root unknown", async () => {
    const port = await listen(startTlsOn);
    expect(await look(port)).toMatchObject({
      leaf: {
        fingerprintSha256: Buffer.from(await leaf.certificate.getThumbprint("SHA-256")).toString("hex"),
        dnsNames: ["domain1.tld"],
      },
      chain: [{ subject: "CN=Intermediate" }],
    });
  });

  it("GIVEN a name, another spelling, or none THEN exactly that is sent as SNI", async () => {
    const port = await listen(startTlsOn);
    asked.splice(0);
    expect((await look(port, { serverName: "DOMAIN1.tld" })).leaf.dnsNames).toEqual(["domain1.tld"]);
    expect((await look(port, { serverName: "domain1.tld." })).leaf.dnsNames).toEqual(["default.tld"]);
    expect((await look(port, { serverName: undefined })).leaf.dnsNames).toEqual(["default.tld"]);
    expect((await look(port, { serverName: "127.0.0.1" })).leaf.dnsNames).toEqual(["default.tld"]);
    await vi.waitFor(() => expect(asked).toEqual(["DOMAIN1.tld", "domain1.tld.", false, false]));
  });

  it.each(PROTOCOLS)(
    "GIVEN a strict %s server whose bytes trickle in THEN STARTTLS is spoken",
    async (protocol) => {
      const port = await listen(script(SCRIPTS[protocol]));
      expect((await look(port, { protocol })).leaf.dnsNames).toEqual(["domain1.tld"]);
    },
  );

  it.each(PROTOCOLS)(
    "GIVEN a %s server behind any Duplex THEN the same is seen through it",
    async (protocol) => {
      const port = await listen(script(SCRIPTS[protocol]));
      const forward =
        "const s=require('net').connect(+process.argv[1]);process.stdin.pipe(s).pipe(process.stdout)";
      const child = spawn(process.execPath, ["-e", forward, String(port)], {
        stdio: ["pipe", "pipe", "ignore"],
      });
      const exited = once(child, "exit");
      const open = () => Duplex.from({ readable: child.stdout, writable: child.stdin });
      const { leaf: seen } = await presentedCertificate({
        open,
        protocol,
        serverName: "domain1.tld",
        deadlineMs: 5000,
      });
      expect(seen.dnsNames).toEqual(["domain1.tld"]);
      await exited;
    },
  );

  it("GIVEN a greeting that is late, but within the deadline THEN nothing is said before it", async () => {
    const port = await listen(script(SCRIPTS.smtp, { greetingDelayMs: 300 }));
    expect((await look(port, { protocol: "smtp" })).leaf.dnsNames).toEqual(["domain1.tld"]);
  });

  it.each([...PROTOCOLS, "tls"] as Protocol[])(
    "GIVEN a %s server that says nothing THEN the phase is told",
    async (protocol) => {
      const port = await listen(() => {});
      const phase = protocol === "tls" ? "handshake" : "greeting";
      expect(await failure(port, { protocol, deadlineMs: 50 })).toMatchObject({ failure: "timeout", phase });
    },
  );

  it.each(PROTOCOLS)(
    "GIVEN a %s server that stops after its greeting THEN the phase is told",
    async (protocol) => {
      const port = await listen((socket) => socket.write((SCRIPTS[protocol][0] as { say: string }).say));
      expect(await failure(port, { protocol, deadlineMs: 250 })).toMatchObject({
        failure: "timeout",
        phase: "starttls",
      });
    },
  );

  it("GIVEN a closed port THEN the failure is a refused connection", async () => {
    const port = await listen(() => {});
    await new Promise((resolve) => server?.close(resolve));
    server = undefined;
    expect(await failure(port)).toMatchObject({ failure: "refused", phase: "connect" });
  });

  it("GIVEN a name that does not resolve THEN it is unreachable", async () => {
    const endpoint = { host: "nowhere.invalid", port: 25 };
    expect(await failure(25, { endpoint })).toMatchObject({ failure: "unreachable", phase: "connect" });
  });

  it.each([...PROTOCOLS, "tls"] as Protocol[])(
    "GIVEN a %s server that hangs up THEN the connection was closed",
    async (protocol) => {
      const port = await listen((socket) => socket.end());
      expect(await failure(port, { protocol })).toMatchObject({ failure: "closed" });
      const opened = {
        open: () => connect(port, "127.0.0.1"),
        endpoint: undefined,
      } as unknown as HandshakeOptions;
      expect(await failure(port, { ...opened, protocol })).toMatchObject({ failure: "closed" });
    },
  );

  it("GIVEN a Duplex that is destroyed during the handshake THEN the connection was closed", async () => {
    const open = () => {
      const stream = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
      setTimeout(() => stream.destroy(), 20);
      return stream;
    };
    const error = await presentedCertificate({ open, protocol: "tls", deadlineMs: 2000 }).catch((e) => e);
    expect(error).toMatchObject({ failure: "closed", phase: "handshake" });
  });

  it("GIVEN a program that cannot be started in the place of a connection THEN it is unreachable", async () => {
    const open = () => {
      throw new Error("ssh: not found");
    };
    const error = await presentedCertificate({ open, protocol: "smtp", deadlineMs: 2000 }).catch((e) => e);
    expect(error).toMatchObject({
      failure: "unreachable",
      phase: "connect",
      message: "no connection: ssh: not found",
    });
  });

  it.each<[keyof typeof SCRIPTS, Step[]]>([
    [
      "smtp",
      [SCRIPTS.smtp[0] as Step, SCRIPTS.smtp[1] as Step, say("250-mx1", "250-NOSTARTTLS", "250 SIZE")],
    ],
    [
      "imap",
      [SCRIPTS.imap[0] as Step, SCRIPTS.imap[1] as Step, say("* CAPABILITY IMAP4rev1 XSTARTTLS", "a1 OK")],
    ],
    ["imap", [say("* PREAUTH welcome")]],
    ["pop3", [SCRIPTS.pop3[0] as Step, SCRIPTS.pop3[1] as Step, say("+OK", "USER", ".")]],
    [
      "pop3",
      [SCRIPTS.pop3[0] as Step, SCRIPTS.pop3[1] as Step, say("-ERR"), expectLine("STLS"), say("-ERR")],
    ],
    ["sieve", [say('"SIEVE" "STARTTLS"', "OK")]],
  ])("GIVEN a %s server without TLS THEN that is told", async (protocol, steps) => {
    const port = await listen(script(steps, { thenTls: false }));
    expect(await failure(port, { protocol })).toMatchObject({ failure: "starttls-not-offered" });
  });

  it("GIVEN a POP3 server that has STLS but not CAPA THEN STLS is tried", async () => {
    const [greeting, capa, , stls, ok] = SCRIPTS.pop3 as [Step, Step, Step, Step, Step];
    const port = await listen(script([greeting, capa, say("-ERR unknown command"), stls, ok]));
    expect((await look(port, { protocol: "pop3" })).leaf.dnsNames).toEqual(["domain1.tld"]);
  });

  it.each<[keyof typeof SCRIPTS, Step[], string]>([
    ...REFUSING_GREETINGS.map(([protocol, words]): [typeof protocol, Step[], string] => [
      protocol,
      [say(words)],
      words,
    ]),
    [
      "smtp",
      [...SCRIPTS.smtp.slice(0, 4), say("454 TLS unable to initialize")],
      "454 TLS unable to initialize",
    ],
    ["imap", [...SCRIPTS.imap.slice(0, 4), say("a2 NO not now")], "a2 NO not now"],
    ["pop3", [...SCRIPTS.pop3.slice(0, 4), say("-ERR not now")], "-ERR not now"],
    ["sieve", [...SCRIPTS.sieve.slice(0, 2), say('NO "not now"')], 'NO "not now"'],
  ])("GIVEN a %s server that refuses in words THEN its words are told", async (protocol, steps, words) => {
    const port = await listen(script(steps, { thenTls: false }));
    const error = await failure(port, { protocol });
    expect(error).toMatchObject({ failure: "protocol" });
    expect(error.message).toContain(JSON.stringify(words));
  });

  it("GIVEN clear text injected behind the consent to TLS THEN it is not taken for protected", async () => {
    const injected: Step = { say: "220 ready for tls\r\n250 injected\r\n" };
    const port = await listen(async (socket) => {
      await script(SCRIPTS.smtp.slice(0, 4), { thenTls: false })(socket);
      socket.write((injected as { say: string }).say);
    });
    expect(await failure(port, { protocol: "smtp" })).toMatchObject({
      failure: "protocol",
      phase: "starttls",
    });
  });

  it("GIVEN a fatal alert THEN its number and name are told", async () => {
    const port = await listen((socket) =>
      socket.once("data", () => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 112]))),
    );
    expect(await failure(port)).toMatchObject({
      failure: "alert",
      phase: "handshake",
      alert: { number: 112, name: "unrecognized_name" },
    });
  });

  it("GIVEN a server in clear on a TLS port THEN that is told", async () => {
    const port = await listen((socket) => socket.write("220 mx1.domain1.tld ESMTP\r\n"));
    const error = await failure(port);
    expect(error).toMatchObject({ failure: "protocol", phase: "handshake" });
    expect(error.message).toContain("not TLS");
  });

  it("GIVEN a line without an end THEN it does not fill the memory", async () => {
    const port = await listen((socket) => {
      socket.write("220-".padEnd(100_000, "x"));
    });
    expect(await failure(port, { protocol: "smtp" })).toMatchObject({ failure: "protocol" });
  });

  it.each(ENDLESS_ANSWERS)(
    "GIVEN an answer over %s that is %j for ever THEN it is given up before the deadline",
    async (protocol, line) => {
      const port = await listen((socket) => {
        if (protocol === "imap") socket.write("* OK\r\n");
        const flood = () => {
          while (!socket.destroyed && socket.write(line.repeat(1000)));
        };
        socket.on("drain", flood);
        flood();
      });
      const error = await failure(port, { protocol, deadlineMs: 30_000 });
      expect(error).toMatchObject({ failure: "protocol" });
      expect(error.message.length).toBeLessThan(400);
    },
  );

  it("GIVEN a look THEN the server sees the handshake completed and the connection closed in order", async () => {
    const events: string[] = [];
    const port = await listen((socket) => {
      const secureContext = createSecureContext({ key: leaf.keyPem, cert: leaf.pem });
      const secure = new TLSSocket(socket, { isServer: true, secureContext });
      for (const event of ["secure", "end", "error"]) secure.on(event, () => events.push(event));
      secure.resume();
    });
    await look(port);
    const [socket] = sockets;
    if (socket !== undefined && !socket.closed) await once(socket, "close");
    expect(events).toEqual(["secure", "end"]);
  });
});
