import { connect, createServer } from "node:net";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type HostSettings, withoutCommands } from "../../../lib/provider/host/desired/host-settings";
import type { Host } from "../../../lib/provider/host/host";
import { Hosts } from "../../../lib/provider/host/hosts";
import { Diagnostics } from "../../../lib/provider/protocol/diagnostics";
import { servedCertificates } from "../../../lib/provider/resources/served-certificates";
import { HandshakeError } from "../../../lib/shared/tls/handshake-error";
import { TlsServers } from "../../cli/support/tls-servers";
import { type IssuedCertificate, issue } from "../../support/certificates";
import { freePort } from "../../support/ports";

const servers = new TlsServers();
const opened: Hosts[] = [];
afterEach(async () => {
  await servers.close();
  await Promise.all(opened.splice(0).map((hosts) => hosts.close()));
});

let own: IssuedCertificate;
let other: IssuedCertificate;
beforeAll(async () => {
  own = await issue({ subject: "CN=own", dnsNames: ["a.tld"] });
  other = await issue({ subject: "CN=other", dnsNames: ["other.tld"] });
});

function hostsWith(ports: readonly number[], settings: Partial<HostSettings> = {}): Hosts {
  const endpoints = ports.map((port) => ({ address: "127.0.0.1", port, protocol: "tls" as const }));
  const host: HostSettings = {
    name: "mx1",
    root: "/nowhere",
    stateDirectory: "/state",
    applyOwnership: true,
    services: new Map([["dovecot", { ...withoutCommands("dovecot"), endpoints }]]),
    ...settings,
  };
  const hosts = new Hosts("stack", new Map([["mx1", host]]));
  opened.push(hosts);
  const leaves = { dovecot: own.fingerprint };
  hosts.find("mx1")?.installed.notePlanned("token", { isDefault: false, names: ["a.tld", "b.tld"], leaves });
  return hosts;
}

interface Reading {
  readonly environment?: Readonly<Record<string, string>>;
  readonly host?: string;
}

async function read(hosts: Hosts, { environment = {}, host = "mx1" }: Reading = {}) {
  const diagnostics = new Diagnostics();
  const computed = { status: null, reason: null, handshakes: null, mismatch_count: null, mismatches: null };
  const state = await servedCertificates(environment).read({
    config: { host, ...computed },
    provider: hosts,
    diagnostics,
    signal: new AbortController().signal,
  });
  return { state, said: diagnostics.all.map(({ severity, summary }) => `${severity}: ${summary}`) };
}

const FORBIDDEN = HandshakeError.ofConnection("forbidden", new Error("prohibited"));
const QUESTION = {
  address: "127.0.0.1",
  endpoint: { address: "127.0.0.1", port: 993, protocol: "tls" },
  service: "dovecot",
  serverName: "a.tld",
  fingerprint: "00",
} as const;

const NOTHING = { handshakes: 0, mismatch_count: 0, mismatches: [] };

describe("mailsni_served_certificates", () => {
  it("GIVEN a host that serves what is installed THEN it was asked, and there is no mismatch", async () => {
    const port = await servers.start({ leaf: own });
    expect(await read(hostsWith([port]))).toEqual({
      state: {
        host: "mx1",
        status: "asked",
        reason: null,
        handshakes: 2,
        mismatch_count: 0,
        mismatches: [],
      },
      said: [],
    });
  });

  it("GIVEN another certificate THEN each name and port has a mismatch, which is no diagnostic", async () => {
    const port = await servers.start({ leaf: other }, { "a.tld": { leaf: own } });
    const { state, said } = await read(hostsWith([port]));

    expect(said).toEqual([]);
    expect(state).toMatchObject({ status: "asked", mismatch_count: 1 });
    expect(state?.mismatches).toEqual([
      {
        names: ["b.tld"],
        service: "dovecot",
        ports: [port],
        message: expect.stringContaining("the certificate for other.tld"),
        fingerprint_sha256: other.fingerprint,
        subject: "CN=other",
        issuer: "CN=other",
        not_after: expect.stringMatching(/Z$/),
      },
    ]);
  });

  it("GIVEN more mismatches than anybody reads THEN the state has the first ones, and how many there are", async () => {
    const port = await servers.start({ leaf: other });
    const hosts = hostsWith([port]);
    const installed = hosts.find("mx1")?.installed;
    installed?.notePlanned("token", null);
    for (let index = 0; index < 60; index += 1) {
      const leaves = { dovecot: index.toString(16).padStart(64, "0") };
      installed?.notePlanned(`token${index}`, { isDefault: false, names: [`n${index}.tld`], leaves });
    }
    const { state } = await read(hosts);

    expect(state?.mismatch_count).toBe(60);
    expect(state?.mismatches).toHaveLength(50);
  });

  it("GIVEN MAIL_SNI_SERVED=skip THEN nothing connects, and that is what it says", async () => {
    const connections: number[] = [];
    const server = createServer((socket) => {
      connections.push(1);
      socket.destroy();
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    const { state, said } = await read(hostsWith([port]), { environment: { MAIL_SNI_SERVED: "skip" } });
    expect({ state, said }).toEqual({
      state: {
        host: "mx1",
        status: "not_asked",
        reason: 'The environment variable MAIL_SNI_SERVED is "skip".',
        ...NOTHING,
      },
      said: [],
    });
    expect(connections).toEqual([]);

    // It would have been seen.
    await new Promise((resolve) =>
      connect(port, "127.0.0.1")
        .on("close", resolve)
        .on("error", () => {}),
    );
    expect(connections).toEqual([1]);
    server.close();
  });

  it("GIVEN a host that cannot be reached THEN that is an attribute, and no error", async () => {
    const address = `root@127.0.0.1:${await freePort()}`;
    const ssh = { configFile: "/dev/null", identityFile: null, knownHostsFile: null, hostKeys: [] };
    const hosts = hostsWith([993], { ssh: { ...ssh, address, proxyJump: null, become: null } });
    const { state, said } = await read(hosts);

    expect(said).toEqual([]);
    expect(state).toMatchObject({ status: "unreachable", ...NOTHING });
    expect(state?.reason).toContain("Is sshd running, and the port right?");
  });

  it("GIVEN an SSH server that forwards no connection THEN the reason says so, and what to allow", async () => {
    const hosts = hostsWith([993]);
    const host = hosts.find("mx1") as Host;
    vi.spyOn(host, "askServed").mockResolvedValue({
      answered: [{ question: QUESTION, outcome: { kind: "failed", error: FORBIDDEN } }],
      handshakes: 1,
      unasked: 0,
    });
    const { state, said } = await read(hosts);

    expect(said).toEqual([]);
    expect(state).toMatchObject({ status: "unreachable", ...NOTHING, handshakes: 1 });
    expect(state?.reason).toMatch(
      /^Its SSH server does not forward .*\(no connection: prohibited\): .*AllowTcpForwarding/,
    );
  });

  it.each([
    ["a host that is gone", { gone: true }, "The host is marked as gone."],
    ["a host without services", { applyOwnership: false }, "No services run there: `ownership` is `skip`."],
  ])("GIVEN %s THEN it is not asked", async (_, settings, reason) => {
    const { state, said } = await read(hostsWith([await freePort()], settings));
    expect({ state, said }).toMatchObject({ state: { status: "not_asked", reason, ...NOTHING }, said: [] });
  });

  it("GIVEN a service without ports THEN it is not asked, and is not said to be", async () => {
    const { state } = await read(hostsWith([]));
    expect(state).toMatchObject({
      status: "not_asked",
      reason: expect.stringContaining("No service has a port"),
      ...NOTHING,
    });
  });

  it("GIVEN that all that is installed has a pending change THEN it is not asked", async () => {
    const hosts = hostsWith([await freePort()]);
    hosts.find("mx1")?.installed.notePlanned("token", null);
    expect((await read(hosts)).state).toMatchObject({ status: "not_asked", ...NOTHING });
  });

  it.each([
    ["hosts", null, "The provider's hosts are only known after apply."],
    ["settings of the host", new Map([["mx1", null]]), "The host's settings are only known after apply."],
  ])("GIVEN %s that are not known yet THEN it is not asked", async (_, settings, reason) => {
    const { state, said } = await read(new Hosts("stack", settings));
    expect({ state, said }).toMatchObject({ state: { status: "not_asked", reason, ...NOTHING }, said: [] });
  });

  it("GIVEN a host that the provider does not declare THEN that is an error: the configuration is wrong", async () => {
    const { state, said } = await read(hostsWith([993]), { host: "mx2" });
    expect({ state, said }).toEqual({ state: null, said: ['error: Host "mx2" is not known'] });
  });
});
