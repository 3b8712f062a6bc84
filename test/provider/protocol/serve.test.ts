import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { status } from "@grpc/grpc-js";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { UNKNOWN } from "../../../lib/provider/protocol/values/unknown";
import { argumentsOf } from "../../support/processes";
import { wire } from "./support/client";
import {
  bundleDummy,
  type Connection,
  engineCertificate,
  MAGIC_COOKIE,
  ProviderProcess,
} from "./support/provider-process";

let programs: string;
let file: string;
beforeAll(async () => {
  programs = mkdtempSync(join(tmpdir(), "mail-sni-serve-"));
  ({ file } = await bundleDummy(programs));
});
afterAll(() => rmSync(programs, { recursive: true, force: true }));

let directory: string;
let started: ProviderProcess[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "sni-"));
  started = [];
});
afterEach(async () => {
  for (const { child, exited } of started) {
    child.kill("SIGKILL");
    await exited;
  }
  rmSync(directory, { recursive: true, force: true });
});

function start(options: Parameters<typeof ProviderProcess.start>[1] = {}): ProviderProcess {
  const provider = ProviderProcess.start(file, { ...options, env: { TMPDIR: directory, ...options.env } });
  started.push(provider);
  return provider;
}

const schema = (connection: Connection) => connection.call("tfplugin6.Provider", "GetProviderSchema", {});
const sockets = () => readdirSync(directory).filter((name) => name.startsWith("plugin-"));

describe("the handshake", () => {
  it("GIVEN no cookie THEN a person is told what this program is, and stdout stays empty", async () => {
    const provider = start({ env: { TF_PLUGIN_MAGIC_COOKIE: "" } });
    expect(await provider.exited).not.toBe(0);
    expect(provider.stderr).toContain("Run terraform or tofu");
    expect(provider.stdout).toBe("");
  });

  it("GIVEN an engine's certificate THEN one line, with a certificate that has no padding", async () => {
    const fields = await start({ certificate: engineCertificate() }).handshake();
    expect(fields.slice(0, 3)).toEqual(["1", "6", "unix"]);
    expect(fields[4]).toBe("grpc");
    expect(fields[5]).toMatch(/^[A-Za-z0-9+/]{100,}$/);
    expect(fields).toHaveLength(6);
  });

  it("GIVEN the line THEN the socket is there already, where only this user can enter", async () => {
    const [, , , socket] = (await start().handshake()) as [string, string, string, string];
    expect(statSync(socket).isSocket()).toBe(true);
    expect(statSync(dirname(socket)).mode & 0o777).toBe(0o700);
  });

  it("GIVEN an engine that speaks protocol 5 only THEN the line names 6, and the engine says the rest", async () => {
    const fields = await start({ env: { PLUGIN_PROTOCOL_VERSIONS: "5" } }).handshake();
    expect(fields[1]).toBe("6");
  });

  it("GIVEN an engine that would multiplex THEN it is told that this is not done", async () => {
    const fields = await start({ env: { PLUGIN_MULTIPLEX_GRPC: "true" } }).handshake();
    expect(fields[6]).toBe("false");
  });

  it("GIVEN an invalid certificate THEN the process ends with a reason", async () => {
    const provider = start({ env: { PLUGIN_CLIENT_CERT: "nonsense" } });
    expect(await provider.exited).toBe(1);
    expect(provider.stderr).toContain("could not start");
    expect(sockets()).toEqual([]);
  });

  it("GIVEN a directory and a group for the socket THEN they are used", async () => {
    const parent = join(directory, "sockets");
    mkdirSync(parent);
    const group = String(process.getgid?.());
    const provider = start({ env: { PLUGIN_UNIX_SOCKET_DIR: parent, PLUGIN_UNIX_SOCKET_GROUP: group } });
    const [, , , socket] = (await provider.handshake()) as [string, string, string, string];
    expect(dirname(dirname(socket))).toBe(parent);
    expect(statSync(socket).mode & 0o777).toBe(0o660);
    expect(statSync(dirname(socket)).mode & 0o777).toBe(0o710);
  });

  it("GIVEN a TMPDIR too long for a socket THEN another is used; a PLUGIN_UNIX_SOCKET_DIR THEN that is said", async () => {
    const long = join(directory, "d".repeat(100));
    mkdirSync(long);
    const provider = start({ env: { TMPDIR: long } });
    const connection = await provider.connect();
    expect(await schema(connection)).toHaveProperty("provider");
    connection.close();

    const refused = start({ env: { PLUGIN_UNIX_SOCKET_DIR: long } });
    expect(await refused.exited).toBe(1);
    expect(refused.stderr).toContain("PLUGIN_UNIX_SOCKET_DIR is too long");
  });
});

describe("the transport", () => {
  it("GIVEN the engine's certificate THEN it is served; another or none THEN it is not", async () => {
    const certificate = engineCertificate();
    const provider = start({ certificate });

    const engine = await provider.connect(certificate);
    expect(await schema(engine)).toHaveProperty("provider");
    engine.close();

    for (const otherCertificate of [engineCertificate(), undefined]) {
      const connection = await provider.connect(otherCertificate);
      await expect(schema(connection)).rejects.toThrow(/UNAVAILABLE/);
      connection.close();
    }
  });

  it("GIVEN no certificate of the engine THEN plain text", async () => {
    const provider = start();
    expect((await provider.handshake())[5]).toBe("");
    const connection = await provider.connect();
    expect(await schema(connection)).toHaveProperty("provider");
    expect(await connection.call("grpc.health.v1.Health", "Check", { service: "plugin" })).toEqual({
      status: 1,
    });
    connection.close();
  });

  it("GIVEN a call that this provider does not have THEN it is unimplemented", async () => {
    const connection = await start().connect();
    const call = connection.callEmpty("/tfplugin6.Provider/GetFunctions");
    await expect(call).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
    connection.close();
  });
});

describe("the end", () => {
  const THING = {
    name: "a",
    size: 1,
    tags: null,
    labels: null,
    secret: null,
    secret_length: null,
    parts: null,
    fails: null,
    takes: 600_000,
    journal: null as string | null,
    id: null as unknown,
  };

  /** An apply that takes its time, and when it has begun. */
  async function beginApply(
    connection: Connection,
  ): Promise<{ readonly applied: Promise<unknown>; readonly journal: string }> {
    const journal = join(directory, "journal");
    const config = { ...THING, journal };
    await connection.call("tfplugin6.Provider", "ConfigureProvider", {
      terraform_version: "1.11.4",
      config: wire({ greeting: null }),
    });
    const applied = connection.call("tfplugin6.Provider", "ApplyResourceChange", {
      type_name: "dummy_thing",
      prior_state: wire(null),
      planned_state: wire({ ...config, id: UNKNOWN }),
      config: wire(config),
    });
    applied.catch(() => {});
    await vi.waitFor(() => expect(existsSync(journal)).toBe(true));
    return { applied, journal };
  }

  const shutdown = (connection: Connection) => connection.call("plugin.GRPCController", "Shutdown", {});

  it("GIVEN Shutdown THEN it is answered, the process ends well, and nothing is left", async () => {
    const provider = start();
    const connection = await provider.connect();
    connection.openStdio();
    await schema(connection);

    expect(await shutdown(connection)).toEqual({});

    expect(await provider.exited).toBe(0);
    expect(sockets()).toEqual([]);
    expect(provider.stdout.split("\n")).toHaveLength(2);
    connection.close();
  });

  it.each(["SIGINT", "SIGHUP", "SIGTERM"] as const)(
    "GIVEN %s THEN an apply ends by itself and calls are answered",
    async (signal) => {
      const provider = start();
      const connection = await provider.connect();
      const { applied, journal } = await beginApply(connection);

      provider.child.kill(signal);
      await connection.call("tfplugin6.Provider", "StopProvider", {});

      expect(await applied).toMatchObject({ diagnostics: [] });
      expect(readFileSync(journal, "utf8")).toBe("create begins\ncreate ends\n");
      expect(await schema(connection)).toHaveProperty("provider");
      connection.close();
    },
  );

  it("GIVEN an engine that is killed THEN the apply under way is finished, and then the process ends", async () => {
    const provider = start();
    const connection = await provider.connect();
    const stdio = connection.openStdio();
    await schema(connection);
    const { journal } = await beginApply(connection);

    stdio.cancel();
    connection.close();

    expect(await provider.exited).toBe(0);
    expect(readFileSync(journal, "utf8")).toBe("create begins\ncreate ends\n");
    expect(sockets()).toEqual([]);
  });

  it("GIVEN an engine that died before it connected THEN the process ends all the same", async () => {
    const engine = spawn(
      process.execPath,
      ["-e", `require("child_process").spawn(${JSON.stringify(file)}, { stdio: "inherit" })`],
      {
        env: { PATH: process.env.PATH, TMPDIR: directory, TF_PLUGIN_MAGIC_COOKIE: MAGIC_COOKIE },
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    await once(engine.stdout, "data");
    expect(sockets()).toHaveLength(1);

    engine.kill("SIGKILL");

    await vi.waitFor(() => expect(sockets()).toEqual([]), { timeout: 10_000 });
  });

  it.each([0, 20, 50, 100, 200])(
    "GIVEN an engine that was killed %i ms after it had started the process THEN that ends all the same",
    async (ms) => {
      const program = `
        const { pid } = require("child_process").spawn(${JSON.stringify(file)});
        require("fs").writeSync(1, String(pid));
        setTimeout(() => process.kill(process.pid, "SIGKILL"), ${ms});`;
      const engine = spawn(process.execPath, ["-e", program], {
        env: { PATH: process.env.PATH, TMPDIR: directory, TF_PLUGIN_MAGIC_COOKIE: MAGIC_COOKIE },
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [pid] = await once(engine.stdout, "data");
      await once(engine, "close");

      await vi.waitFor(() => expect(argumentsOf(Number(pid))).toEqual([]), { timeout: 20_000 });
      expect(sockets()).toEqual([]);
    },
    30_000,
  );

  it("GIVEN what a process that was killed has left THEN the next one removes it", async () => {
    const killed = start();
    await killed.handshake();
    killed.child.kill("SIGKILL");
    await killed.exited;
    const [left] = sockets() as [string];
    utimesSync(join(directory, left), 0, 0);

    await start().handshake();

    await vi.waitFor(() => expect(sockets()).not.toContain(left));
    expect(sockets()).toHaveLength(1);
  });
});
