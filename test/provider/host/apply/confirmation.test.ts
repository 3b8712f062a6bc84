import { appendFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { dirname, join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { Change, ChangeResult } from "../../../../lib/provider/host/desired/change";
import type { Host } from "../../../../lib/provider/host/host";
import { zip } from "../../../../lib/shared/grouping";
import type { Endpoint } from "../../../../lib/shared/transport/connection-settings";
import type { Timeouts } from "../../../../lib/shared/transport/timeouts";
import type { Transport } from "../../../../lib/shared/transport/transport";
import { combinedPem, issue, withoutDate } from "../../../support/certificates";
import { freePort } from "../../../support/ports";
import { QmailServer } from "../../../support/qmail/server";
import { certificate, change, pathsOf, pem, text } from "../support/changes";
import { ShellTransport } from "../support/shells";
import { TestHost } from "../support/test-host";
import { startTlsServer, type TlsServer, type TlsServerOptions } from "../support/tls-server";

const pems = new Map<string, string>();
beforeAll(async () => {
  for (const name of ["a.test", "b.test", "c.test", "default.test"]) {
    for (const age of ["old", "new"]) {
      pems.set(`${age} ${name}`, combinedPem(await issue({ subject: `CN=${name}`, dnsNames: [name] })));
    }
  }
});
const pemOf = (age: "old" | "new", name: string) => pems.get(`${age} ${name}`) ?? "";

let on: TestHost;
let host: Host;
let servers: TlsServer[];
beforeEach(() => {
  on = new TestHost();
  servers = [];
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await on.remove();
});

/** The PEM that `served` has loaded for a name, or else its default. */
const presented = (name = "default") => [name, "default"].map((each) => on.loaded(each)).find(Boolean);

async function serve(pemFor = presented, options: Omit<TlsServerOptions, "port"> = {}): Promise<Endpoint> {
  const server = await startTlsServer(pemFor, options);
  servers.push(server);
  return endpoint(server.port);
}

function endpoint(port: number, protocol: Endpoint["protocol"] = "tls"): Endpoint {
  return { address: "127.0.0.1", port, protocol };
}

function listenOn(
  endpoints: readonly Endpoint[],
  timeouts: Partial<Timeouts> = {},
  service = "served",
  transport?: Transport,
): void {
  const settings = on.settings.services.get(service);
  if (!settings) throw new Error("no such service");
  const services = new Map([...on.settings.services, [service, { ...settings, endpoints }]]);
  host = on.open({ settings: { services }, timeouts, transport });
}

/** Timeouts for services that never present the expected certificate. */
const SHORT_TIMEOUTS = { presentMs: 1_000 };

const renewal = (name: string, age: "old" | "new", kind: Change["kind"] = "update") =>
  certificate(name, pemOf(age, name), { kind });

/** Replaces the activation command of `served` with a script, which runs the original command as `"$@"`. */
function activateBy(script: string): void {
  writeFileSync(join(on.control, "activate.sh"), script);
  const settings = on.settings.services.get("served");
  if (!settings) throw new Error("no such service");
  const activate = ["sh", join(on.control, "activate.sh"), ...on.command("activate")];
  const services = new Map([...on.settings.services, ["served", { ...settings, activate }]]);
  on.settings = { ...on.settings, services };
}

function apply(...changes: Change[]): Promise<ChangeResult[]> {
  return Promise.all(changes.map((each) => host.change(each)));
}

const summaries = (results: readonly ChangeResult[]) =>
  results.map(({ errors }) => errors.map(({ summary }) => summary));

describe("a service that presents the new certificates", () => {
  it("WHEN certificates are created and renewed THEN the handshakes confirm them", async () => {
    listenOn([await serve()]);
    const names = ["a.test", "b.test", "c.test"];
    expect(summaries(await apply(...names.map((name) => renewal(name, "old", "create"))))).toEqual([
      [],
      [],
      [],
    ]);
    expect(summaries(await apply(...names.map((name) => renewal(name, "new"))))).toEqual([[], [], []]);
    expect(presented("b.test")).toBe(pemOf("new", "b.test"));
  });

  it("GIVEN it loads and answers slowly THEN the handshakes are retried until it presents them", async () => {
    const start = Date.now();
    const late = (name?: string) =>
      Date.now() - start > 1500 ? presented(name) : pemOf("old", "default.test");
    listenOn([await serve(late, { delayMs: 50 })], { presentMs: 20_000 });
    expect(summaries(await apply(renewal("a.test", "old", "create")))).toEqual([[]]);
  });

  it("GIVEN it was restarted and does not listen yet THEN the handshakes are retried until it does", async () => {
    const port = await freePort();
    listenOn([endpoint(port)], { listenMs: 20_000, presentMs: 20_000 });
    on.tell("deaf");
    const result = apply(renewal("a.test", "old", "create"));
    await new Promise((resolve) => setTimeout(resolve, 600));
    servers.push(await startTlsServer(() => pemOf("old", "a.test"), { port }));
    expect(summaries(await result)).toEqual([[]]);
  });

  it("GIVEN nothing listens on the first endpoint THEN the handshake is made with the next one", async () => {
    const unused = await freePort();
    listenOn([endpoint(unused), await serve()], SHORT_TIMEOUTS);
    on.tell("deaf");
    expect(summaries(await apply(renewal("a.test", "old", "create")))[0]).toEqual([
      "served does not serve the new certificate for a.test",
    ]);
  });

  it("GIVEN the default certificate THEN the handshake has no SNI", async () => {
    listenOn([await serve()], { presentMs: 3_000 });
    const slot = (age: "old" | "new"): Change =>
      change({
        role: "default",
        kind: age === "old" ? "create" : "update",
        names: ["default.test"],
        files: [
          pem("/etc/served/pem/default.pem", pemOf(age, "default.test"), { service: "served" }),
          text("/etc/served/conf.d/default.conf", "default /etc/served/pem/default.pem\n", {
            service: "served",
          }),
        ],
      });
    expect(summaries(await apply(slot("old")))).toEqual([[]]);
    on.tell("deaf");
    expect(summaries(await apply(slot("new")))).toEqual([
      ["served does not serve the new certificate for clients without SNI"],
    ]);
    expect(on.read("/etc/served/pem/default.pem")).toBe(pemOf("old", "default.test"));
  });

  it("GIVEN it reads its files at each connection THEN the handshakes confirm them without an activation", async () => {
    const fromFile = (name = "") => {
      const path = on.at(pathsOf(name).filed);
      return existsSync(path) ? readFileSync(path, "utf8") : pemOf("old", "default.test");
    };
    listenOn([await serve(fromFile)], {}, "filed");
    expect(summaries(await apply(renewal("a.test", "old", "create")))).toEqual([[]]);
  });
});

describe("a service with a foreign block that overrides a name", () => {
  it("GIVEN it overrides the first name THEN the handshake is made for another name, and the renewal stays", async () => {
    // The first block wins, as in Dovecot 2.3.
    const isTaken = (name?: string) => name === "a.test" && on.has("/etc/foreign.pem");
    const endpoint = await serve((name) => (isTaken(name) ? pemOf("old", "b.test") : presented(name)));
    const asked = on.settings.services.get("served");
    if (!asked) throw new Error("no such service");
    const served = {
      ...asked,
      chosen: on.command("chosen", "{name}"),
      name_blocks: { list: on.command("blocks"), pattern: "^names (.+) \\{$", winner: "first" as const },
    };
    on.settings = { ...on.settings, services: new Map([...on.settings.services, ["served", served]]) };
    listenOn([endpoint], SHORT_TIMEOUTS);
    const names = { aliases: ["imap.a.test"] };
    const old = certificate("a.test", pemOf("old", "a.test"), names);
    expect(summaries(await apply(old))).toEqual([[]]);
    on.write("/etc/foreign.pem", pemOf("old", "b.test"));
    on.write("/etc/served/conf.d/00-foreign.conf", "serve a.test /etc/foreign.pem\n");

    const renewed = certificate("a.test", pemOf("new", "a.test"), { ...names, kind: "update" });
    const results = await apply({ ...renewed, asksServices: true });

    expect(summaries(results)).toEqual([["a.test is overridden by another block in served's configuration"]]);
    expect(on.read(pathsOf("a.test").served)).toBe(pemOf("new", "a.test"));
    expect(presented("imap.a.test")).toBe(pemOf("new", "a.test"));
    expect(on.ledger().pendingActivations).toEqual([]);
  });
});

describe("a service that keeps presenting another certificate", () => {
  it("THEN the old files are restored, the message has the presented certificate, and no activation is pending", async () => {
    listenOn([await serve()], SHORT_TIMEOUTS);
    await apply(renewal("a.test", "old", "create"));
    on.tell("deaf");
    const { errors } = await host.change(renewal("a.test", "new"));
    expect(errors).toHaveLength(1);
    expect(errors[0]?.detail).toMatch(
      /The provider checked 127\.0\.0\.1:\d+ on host "mx1" for 1 s: the server presents a certificate of a\.test that expires at \d/,
    );
    expect(on.read(pathsOf("a.test").served)).toBe(pemOf("old", "a.test"));
    expect(on.read(pathsOf("a.test").filed)).toBe(pemOf("new", "a.test"));
    expect(on.ledger().pendingActivations).toEqual([]);
    expect(on.leftovers()).toEqual([]);
  });

  it("GIVEN it does so for one of three names THEN only the files of that one are restored, without further attempts", async () => {
    const stubborn = (name?: string) => (name === "b.test" ? pemOf("old", "b.test") : presented(name));
    listenOn([await serve(stubborn)], { presentMs: 3_000 });
    const names = ["a.test", "b.test", "c.test"];
    await apply(...names.map((name) => renewal(name, "old", "create")));
    on.calls();
    const results = await apply(...names.map((name) => renewal(name, "new")));
    expect(summaries(results)).toEqual([[], ["served does not serve the new certificate for b.test"], []]);
    expect(names.map((name) => on.read(pathsOf(name).served))).toEqual([
      pemOf("new", "a.test"),
      pemOf("old", "b.test"),
      pemOf("new", "c.test"),
    ]);
    expect(on.calls()).toEqual(["check", "running", "activate", "activate"]);
    expect(on.ledger().pendingActivations).toEqual([]);
  });

  it("GIVEN the activation of the restored files fails too THEN there is a warning, and that activation stays pending", async () => {
    const stubborn = (name?: string) => (name === "b.test" ? pemOf("old", "b.test") : presented(name));
    const asked = await serve(stubborn);
    listenOn([asked], SHORT_TIMEOUTS);
    const names = ["a.test", "b.test"];
    await apply(...names.map((name) => renewal(name, "old", "create")));
    activateBy(
      `cd '${on.control}' && if [ -e once ]; then echo too busy; exit 75; fi && >once && exec "$@"\n`,
    );
    listenOn([asked], { presentMs: 3_000 });
    const results = await apply(...names.map((name) => renewal(name, "new")));
    expect(summaries(results)).toEqual([[], ["served does not serve the new certificate for b.test"]]);
    expect(results[0]?.warnings).toMatchObject([
      {
        summary: "The old files were restored, but served may not serve them yet",
        detail: expect.stringContaining("too busy"),
      },
    ]);
    expect(on.read(pathsOf("b.test").served)).toBe(pemOf("old", "b.test"));
    expect(on.ledger().pendingActivations.map(({ token }) => token)).toEqual(["b.test"]);
    expect(results[1]?.pending).toEqual(expect.any(String));
  });

  it("GIVEN it does so for more names than there are parallel handshakes THEN the names after them are confirmed", async () => {
    const names = Array.from({ length: 10 }, (_, index) => `d${index}.test`);
    const shared = combinedPem(await issue({ subject: "CN=d0.test", dnsNames: names }));
    const stubborn = names.slice(1, 9);
    const pemFor = (name = "") => (stubborn.includes(name) ? pemOf("old", "a.test") : shared);
    listenOn([await serve(pemFor, { delayMs: 200 })], { presentMs: 2_000 });
    const results = await apply(...names.map((name) => certificate(name, shared)));
    const failed = zip(names, results).filter(([, { errors }]) => errors.length > 0);
    expect(failed.map(([name]) => name)).toEqual(stubborn);
  });

  it("GIVEN one certificate makes the reload fail for both THEN each is tried alone, and only that one fails", async () => {
    listenOn([await serve()], SHORT_TIMEOUTS);
    await apply(renewal("a.test", "old", "create"), renewal("b.test", "old", "create"));
    // With this certificate the script skips the reload, but exits with status 0.
    const poison = pemOf("new", "a.test").split("\n")[3];
    activateBy(`grep -qF '${poison}' '${on.at(pathsOf("a.test").served)}' || exec "$@"\n`);
    listenOn(
      servers.map(({ port }) => endpoint(port)),
      { presentMs: 2_000 },
    );
    const results = await apply(renewal("a.test", "new"), renewal("b.test", "new"));
    expect(summaries(results)).toEqual([["served does not serve the new certificate for a.test"], []]);
    expect([presented("a.test"), presented("b.test")]).toEqual([
      pemOf("old", "a.test"),
      pemOf("new", "b.test"),
    ]);
  });

  it("GIVEN a pending activation of an earlier run WHEN the handshake refutes the certificate THEN it stays pending", async () => {
    listenOn([await serve()], SHORT_TIMEOUTS);
    await apply(renewal("a.test", "old", "create"));
    appendFileSync(on.ledgerPath, "owe\tserved\tabc\ta.test\t.\n");
    on.tell("deaf");
    on.write(pathsOf("a.test").served, pemOf("new", "a.test"), 0o600);
    const { errors, pending } = await host.change(renewal("a.test", "new"));
    expect(errors).toHaveLength(1);
    expect(pending).not.toBeNull();
    expect(on.ledger().pendingActivations.map(({ id }) => id)).toEqual(["abc"]);
    on.untell("deaf");
    expect((await apply(renewal("a.test", "new")))[0]).toMatchObject({
      errors: [],
      warnings: [],
      pending: null,
    });
  });

  it("GIVEN a certificate with long names that does not end at a date THEN the old files are put back, and the message is short", async () => {
    const odd = await issue({
      dnsNames: Array.from({ length: 5 }, (_, index) => `${index}${"x".repeat(1_000)}.test`),
    });
    listenOn([await serve(() => `${odd.keyPem}${withoutDate(odd, "notAfter")}`)], SHORT_TIMEOUTS);
    const before = on.tree();
    const { errors } = await host.change(renewal("a.test", "new", "create"));

    expect(errors[0]?.detail).toMatch(/the server presents a certificate of 0x{80,99}…\. The previous/);
    expect(on.tree()).toEqual({ ...before, "/var/": "0755", "/var/lib/": "0755" });
  });

  it("WHEN a create fails for that reason THEN the host is as before", async () => {
    listenOn([await serve((name) => presented(name) ?? pemOf("old", "default.test"))], SHORT_TIMEOUTS);
    on.tell("deaf");
    const before = on.tree();
    const { errors } = await host.change(renewal("a.test", "new", "create"));
    expect(errors[0]?.detail).toContain("the server presents a certificate of default.test");
    expect(on.tree()).toEqual({ ...before, "/var/": "0755", "/var/lib/": "0755" });
  });

  it("GIVEN it sends an alert instead of a certificate THEN the message has the alert", async () => {
    listenOn([await serve(() => undefined)], SHORT_TIMEOUTS);
    const { errors } = await host.change(renewal("a.test", "new", "create"));
    expect(errors[0]?.detail).toContain("handshake_failure");
  });
});

describe("a service that closes connections", () => {
  /** Closes each connection, as a Dovecot does if OpenSSL refuses its default certificate. */
  async function hangUp(until = Number.POSITIVE_INFINITY): Promise<Endpoint> {
    const port = await freePort();
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    const stopped = new Promise<void>((resolve) => server.once("close", () => resolve()));
    const stop = () => {
      server.close();
      return stopped;
    };
    servers.push({ port, stop });
    if (Number.isFinite(until)) {
      setTimeout(() => {
        server.close();
        void startTlsServer(presented, { port }).then((started) => servers.push(started));
      }, until);
    }
    return endpoint(port);
  }

  it("GIVEN every handshake fails THEN the old files are restored before the time limit", async () => {
    listenOn([await hangUp()], { presentMs: 12_000 });
    const { errors } = await host.change(renewal("a.test", "old", "create"));
    expect(errors[0]?.summary).toBe("served does not serve the new certificate for a.test");
    const [, seconds] =
      /checked \S+ on host "mx1" for (\d+) s: the connection was closed/.exec(errors[0]?.detail ?? "") ?? [];
    expect(Number(seconds)).toBeLessThan(12);
    expect(on.has(pathsOf("a.test").served)).toBe(false);
  }, 30_000);

  it("GIVEN it does so only while it loads THEN the handshakes are retried until it answers", async () => {
    listenOn([await hangUp(1500)], { presentMs: 20_000 });
    expect(summaries(await apply(renewal("a.test", "old", "create")))).toEqual([[]]);
  }, 30_000);
});

describe("a service that is slow", () => {
  const names = (count: number) => Array.from({ length: count }, (_, index) => `d${index}.test`);
  const sharedBy = async (dnsNames: string[]) =>
    combinedPem(await issue({ subject: "CN=d0.test", dnsNames }));

  /** Accepts connections, but sends nothing. */
  async function silent(): Promise<Endpoint> {
    const server = createServer((socket) => socket.on("error", () => {}));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    return endpoint((server.address() as AddressInfo).port, "smtp");
  }

  it("GIVEN a qmail submission port that greets after 3 s THEN the handshake waits for the greeting", async () => {
    const control = on.at("/var/qmail/control");
    mkdirSync(control, { recursive: true });
    writeFileSync(join(control, "servercert.pem"), pemOf("old", "default.test"));
    const qmail = await QmailServer.start({ directory: dirname(control), greetDelaySeconds: 3 });
    onTestFinished(() => qmail.stop());
    listenOn([endpoint(qmail.port, "smtp")], { presentMs: 8_000 }, "filed");
    const [unserved] = await apply(renewal("a.test", "new", "create"));
    expect(unserved?.errors[0]?.detail).toContain("the server presents a certificate of default.test");
    symlinkSync(on.at("/var/filed"), join(control, "servercerts"));
    expect(await apply(renewal("a.test", "new", "create"))).toMatchObject([{ errors: [], warnings: [] }]);
  });

  it("GIVEN more handshakes than it can answer in time THEN no certificate is refuted", async () => {
    const all = names(40);
    const shared = await sharedBy(all);
    listenOn([await serve(() => shared, { delayMs: 1200 })], { presentMs: 4_500 });
    const results = await apply(...all.map((name) => certificate(name, shared)));
    expect(results.flatMap(({ errors }) => errors)).toEqual([]);
    expect(all.filter((name) => on.read(pathsOf(name).served) !== shared)).toEqual([]);
  });

  it("GIVEN far more handshakes THEN the certificates without one stay in place with a warning", async () => {
    const all = names(40);
    const shared = await sharedBy(all);
    listenOn([await serve(() => shared, { delayMs: 700 })], { presentMs: 1_000 });
    const results = await apply(...all.map((name) => certificate(name, shared)));
    expect(results.flatMap(({ errors }) => errors)).toEqual([]);
    expect(results.at(-1)?.warnings).toMatchObject([
      {
        summary: "served could not be checked for d39.test",
        detail: expect.stringMatching(/answers too slowly.* The files are in place\./),
      },
    ]);
    expect(on.ledger().pendingActivations).toEqual([]);
  });

  it("GIVEN it never answers for one of two names THEN that certificate stays in place with a warning", async () => {
    listenOn([await serve(presented, { silentFor: ["b.test"] })], { presentMs: 2_000 });
    const [a, b] = await apply(renewal("a.test", "new", "create"), renewal("b.test", "new", "create"));
    expect(a).toMatchObject({ errors: [], warnings: [] });
    expect(b).toMatchObject({
      errors: [],
      warnings: [{ summary: "served could not be checked for b.test" }],
    });
    expect(on.read(pathsOf("b.test").served)).toBe(pemOf("new", "b.test"));
  });

  it("GIVEN it never answers THEN all old files are restored, without a warning that new ones are in place", async () => {
    const all = names(9);
    const shared = await sharedBy(all);
    listenOn([await silent()], { listenMs: 1_000, presentMs: 1_000, halvingMs: 0 });
    const results = await apply(...all.map((name) => certificate(name, shared)));
    expect(results.filter(({ errors }) => errors.length !== 1)).toEqual([]);
    expect(results.flatMap(({ warnings }) => warnings)).toEqual([]);
    expect(on.leftovers()).toEqual([]);
  });

  it("GIVEN the session is lost meanwhile THEN the error says that, and does not blame the service", async () => {
    activateBy(`"$@" && >'${on.control}/cut'\n`);
    const cut = new ShellTransport(
      ["sh"],
      `clock() { [ ! -e '${on.control}/cut' ] || kill -9 $$; date +%s; }\n`,
    );
    listenOn([await silent()], { listenMs: 1_000, presentMs: 1_000 }, "served", cut);
    const { errors } = await host.change(renewal("a.test", "new", "create"));
    expect(errors.map(({ summary }) => summary)).toEqual(['Host "mx1" was lost during a change']);
    expect(on.read(pathsOf("a.test").served)).toBe(pemOf("new", "a.test"));
  });

  it("GIVEN it answers only on the second port THEN the handshake is made there", async () => {
    listenOn([await silent(), await serve()], { listenMs: 1_000, presentMs: 5_000 });
    expect(await apply(renewal("a.test", "new", "create"))).toMatchObject([{ errors: [], warnings: [] }]);
  });
});

describe("a service that makes no handshake", () => {
  it("GIVEN it ended after its activation THEN there is a warning, and the activation stays pending until an update", async () => {
    const port = await freePort();
    activateBy(`"$@" && >'${on.control}/stopped'\n`);
    listenOn([endpoint(port)], { listenMs: 1_000 });
    const first = await host.change(renewal("a.test", "new", "create"));
    expect(first).toMatchObject({
      errors: [],
      warnings: [{ summary: "served stopped after it had loaded the new files" }],
    });
    expect(first.pending).not.toBeNull();
    on.untell("stopped");
    activateBy('"$@"\n');
    listenOn([await serve()]);
    const again = await host.change(renewal("a.test", "new"));
    expect(again).toMatchObject({ errors: [], warnings: [], pending: null });
    expect(presented("a.test")).toBe(pemOf("new", "a.test"));
  });

  it("GIVEN no endpoint listens THEN the change succeeds", async () => {
    listenOn([endpoint(await freePort()), endpoint(await freePort())]);
    expect(await apply(renewal("a.test", "new", "create"))).toMatchObject([
      { errors: [], warnings: [], pending: null },
    ]);
    expect(on.ledger().pendingActivations).toEqual([]);
  });

  async function withoutStartTls(): Promise<{ endpoint: Endpoint; smtp: Server }> {
    const smtp = createServer((socket) => {
      socket.on("error", () => {});
      socket.write("220 mx1 ESMTP\r\n");
      socket.on("data", () => socket.write("250 mx1\r\n"));
    });
    await new Promise<void>((resolve) => smtp.listen(0, "127.0.0.1", resolve));
    const { port } = smtp.address() as { port: number };
    return { endpoint: endpoint(port, "smtp"), smtp };
  }

  it("GIVEN it offers no STARTTLS THEN there is a warning, without retries", async () => {
    const { endpoint: mute, smtp } = await withoutStartTls();
    listenOn([mute], { presentMs: 600_000 });
    const result = await host.change(renewal("a.test", "new", "create"));
    expect(result.errors).toEqual([]);
    expect(result.warnings.map(({ summary }) => summary)).toEqual(["served could not be checked for a.test"]);
    smtp.close();
  });

  it("GIVEN it offers no STARTTLS, but TLS on another port, THEN the handshake is made there", async () => {
    const { endpoint: mute, smtp } = await withoutStartTls();
    listenOn([mute, await serve()], SHORT_TIMEOUTS);
    expect(await apply(renewal("a.test", "new", "create"))).toMatchObject([{ errors: [], warnings: [] }]);
    on.tell("deaf");
    const { errors } = await host.change(renewal("b.test", "new", "create"));
    expect(errors[0]?.summary).toContain("does not serve the new certificate for b.test");
    smtp.close();
  });

  it("GIVEN a certificate with only wildcards, or a change without a PEM, THEN no handshake is made", async () => {
    listenOn([await serve(() => pemOf("old", "default.test"))]);
    const wild = { ...renewal("a.test", "new", "create"), names: ["*.a.test"] };
    expect(summaries(await apply(wild))).toEqual([[]]);
    const plain = change({
      token: "t",
      names: ["x.test"],
      files: [text("/etc/served/conf.d/x.conf", "", { service: "served" })],
    });
    expect(summaries(await apply(plain))).toEqual([[]]);
  });
});
