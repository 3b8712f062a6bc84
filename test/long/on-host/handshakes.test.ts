import { existsSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RenewalHost, type Row } from "../../on-host/renewal/support/renewal-host";
import { startTlsServer, type TlsServer } from "../../provider/host/support/tls-server";
import { describeIf, openssl } from "../../support/requirements";

const A: Row = { names: ["a.test", "imap.a.test"] };
const B: Row = { names: ["b.test", "imap.b.test"] };
const C: Row = { names: ["c.test"] };

/** Short, for a server that will never present it. */
const SHORT_TIMEOUTS = "present_seconds=2 broken_seconds=1\n";

describeIf(openssl, "`renewal install` with a server that can be asked", () => {
  let on: RenewalHost;
  let server: TlsServer;
  /** Names for which the server presents something else than what was loaded. */
  let instead: Map<string, string>;
  beforeEach(async () => {
    on = new RenewalHost();
    instead = new Map();
    on.declare(A);
    await on.order(A);
    await on.run(["install"]);
    on.calls();
    server = await startTlsServer(
      (name) => instead.get(name ?? "") ?? on.loaded(name ?? "default") ?? on.loaded("default"),
    );
    on.services.push(`endpoint\tserved\t${server.port}\ttls\t127.0.0.1`);
    on.declare(A);
  });
  afterEach(async () => {
    await server.stop();
    on.remove();
  });

  it("GIVEN certificates that it presents THEN the rows are ok, and no configuration is asked for", async () => {
    on.declare(A, B, C);
    for (const row of [A, B, C]) await on.order(row);
    const { exitCode, output } = await on.run(["install"]);
    expect(exitCode, output).toBe(0);
    expect(on.calls()).toEqual(["check", "running", "activate"]);
    expect(Object.values(on.result()).map(({ status }) => status)).toEqual(["ok", "ok", "ok"]);
  });

  it("GIVEN a server that accepts connections and says nothing THEN it is not asked for each row when the time is up", async () => {
    let asked = 0;
    const deaf = createServer((socket) => {
      asked++;
      socket.resume();
    });
    await new Promise<void>((resolve) => deaf.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = deaf.address() as AddressInfo;
      on.services = on.services.map((line) =>
        line.startsWith("endpoint") ? `endpoint\tserved\t${port}\ttls\t127.0.0.1` : line,
      );
      on.declare(A, B, C);
      for (const row of [A, B, C]) await on.order(row);
      const prelude =
        'present_seconds=0\ntimeout() { [ "$4" != openssl ] || { shift 3; set -- -k 1 1 "$@"; }; command timeout "$@"; }\n';
      expect((await on.run(["install"], { prelude })).exitCode).toBe(1);
      // All, two of three, and each alone.
      expect(asked).toBe(5);
      expect(Object.values(on.result()).map(({ status }) => status)).toEqual(["failed", "failed", "failed"]);
    } finally {
      await new Promise((resolve) => deaf.close(resolve));
    }
  });

  it("GIVEN a clock that is set back again and again THEN the wait for a certificate ends all the same", async () => {
    instead.set("a.test", on.loaded("default") ?? "");
    const clock = join(on.temporary, "clock");
    writeFileSync(clock, `${Math.floor(Date.now() / 1000) + 1000}\n`);
    const date = `date() {
  [ "$*" = +%s ] || { command date "$@"; return; }
  echo $(($(cat '${clock}') - 1)) >'${clock}.new' && mv '${clock}.new' '${clock}' && cat '${clock}'
}
`;
    await on.order(A);
    const { exitCode } = await on.run(["install"], {
      shell: ["timeout", "30", "dash"],
      prelude: SHORT_TIMEOUTS + date,
    });
    expect([exitCode, on.result()["a.test"]?.message]).toEqual([
      1,
      expect.stringMatching(/does not present its new certificate/),
    ]);
  });

  it("GIVEN another certificate for one of the names THEN its row alone is put back and fails, after two activations", async () => {
    instead.set("b.test", on.loaded("default") ?? "");
    on.declare(A, B, C);
    const [a, , c] = [await on.order(A), await on.order(B), await on.order(C)];
    expect((await on.run(["install"], { prelude: SHORT_TIMEOUTS })).exitCode).toBe(1);
    expect(on.result()["b.test"]).toMatchObject({
      status: "failed",
      message: expect.stringMatching(
        /served does not present its new certificate: other: it presents another .*previous files were restored/,
      ),
    });
    expect([on.loaded("a.test"), on.loaded("c.test"), on.loaded("b.test")]).toEqual([a, c, undefined]);
    expect(on.calls().filter((call) => call === "activate")).toHaveLength(2);
    expect([on.ledger().pendingActivations, on.leftovers()]).toEqual([[], []]);
    expect(on.ledger().owner(on.at(on.pathsOf("b.test").filed))).toBeUndefined();
  });

  it("GIVEN another certificate for the last name of a row THEN the row is put back, and the message says which name", async () => {
    const old = on.read("/etc/served/a.test.pem");
    instead.set("imap.a.test", old);
    await on.order(A);
    const { exitCode } = await on.run(["install"], { prelude: SHORT_TIMEOUTS });
    expect([exitCode, on.result()["a.test"]?.message]).toEqual([
      1,
      expect.stringMatching(
        /served does not present its new certificate: .*for imap\.a\.test\. The previous files/,
      ),
    ]);
    expect(on.read("/etc/served/a.test.pem")).toBe(old);
    instead.clear();
    expect((await on.run(["install"])).exitCode).toBe(0);
  });

  it("GIVEN that name is served by an old process for a moment THEN the row is not put back", async () => {
    const old = on.read("/etc/served/a.test.pem");
    instead.set("imap.a.test", old);
    await on.order(A);
    const asked = join(on.temporary, "asked");
    const sleep = `sleep() { : >'${asked}'; command sleep "$@"; }\n`;
    const running = on.run(["install"], { prelude: sleep });
    while (!existsSync(asked)) await delay(50);
    instead.clear();
    expect((await running).exitCode).toBe(0);
  });

  it("GIVEN no time for further names THEN the first one of each row decides", async () => {
    instead.set("imap.a.test", on.read("/etc/served/a.test.pem"));
    const renewed = await on.order(A);
    const { exitCode } = await on.run(["install"], { prelude: "present_seconds=0\n" });
    expect([exitCode, on.loaded("a.test")]).toEqual([0, renewed]);
  });

  it("GIVEN a reload that has no effect THEN the row is put back, and the next run tries it again", async () => {
    const old = on.read("/etc/served/a.test.pem");
    on.declare(A);
    const renewed = await on.order(A);
    on.tell("deaf");
    expect((await on.run(["install"], { prelude: SHORT_TIMEOUTS })).exitCode).toBe(1);
    expect([on.read("/etc/served/a.test.pem"), on.read("/var/filed/servercert.pem")]).toEqual([old, renewed]);
    on.untell("deaf");
    expect((await on.run(["install"])).exitCode).toBe(0);
    expect([on.loaded("a.test"), on.loaded("default")]).toEqual([renewed, renewed]);
  });

  it("GIVEN a server that closes every connection THEN it is found to be broken before the time is up", async () => {
    const old = on.read("/etc/served/a.test.pem");
    await on.order(A);
    await server.stop();
    const closing = createServer((socket) => socket.destroy()).listen(server.port, "127.0.0.1");
    const { exitCode } = await on.run(["install"], { prelude: "broken_seconds=1\n" });
    expect([exitCode, on.result()["a.test"]?.message]).toEqual([
      1,
      expect.stringMatching(/the handshake fails/),
    ]);
    expect(on.read("/etc/served/a.test.pem")).toBe(old);
    await new Promise((resolve) => closing.close(resolve));
    server = await startTlsServer(() => undefined);
  });

  it("GIVEN no server at the port THEN the configuration's own word counts", async () => {
    await server.stop();
    const renewed = await on.order(A);
    const { exitCode, output } = await on.run(["install"]);
    expect(exitCode, output).toBe(0);
    expect([on.loaded("a.test"), on.calls().includes("chosen")]).toEqual([renewed, true]);
    server = await startTlsServer(() => undefined);
  });
});

describe("a configuration that selects another file", () => {
  it("THEN the row is put back, and the message says which file it is", async () => {
    const on = new RenewalHost();
    try {
      on.write(
        on.at("/etc/served/served.conf"),
        `serve b.test /foreign.pem\ninclude ${on.root}/etc/served/conf.d/*.conf\n`,
      );
      on.declare(A, B);
      for (const row of [A, B]) await on.order(row);
      on.services = on.services.map((line) => (line.startsWith("check\t") ? "check\tserved\ttrue" : line));
      on.services = on.services.map((line) =>
        line.startsWith("activate\t") ? "activate\tserved\ttrue" : line,
      );
      on.declare(A, B);
      const said = await on.run(["install"]);
      expect(said.exitCode, said.output).toBe(1);
      expect(on.result()["b.test"]?.message).toMatch(/its configuration selects \/foreign\.pem/);
      expect(on.result()["a.test"]?.status).toBe("ok");
    } finally {
      on.remove();
    }
  });
});
