import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type HostSettings, withoutCommands } from "../../../../lib/provider/host/desired/host-settings";
import { Hosts } from "../../../../lib/provider/host/hosts";
import { KeyPassphrases } from "../../../../lib/provider/keys/key-passphrases";
import { Diagnostics } from "../../../../lib/provider/protocol/diagnostics";
import type { PrivateState } from "../../../../lib/provider/protocol/resource";
import { hostFiles as resourceWith } from "../../../../lib/provider/resources/host-files";
import type { HostFiles } from "../../../../lib/provider/resources/host-files/schema";
import type { Connection } from "../../../../lib/shared/transport/connection-settings";
import type { SshSettings } from "../../../../lib/shared/transport/ssh-settings";
import { freePort } from "../../../support/ports";
import { describeIf, sshd } from "../../../support/requirements";
import { SshServer } from "../../../support/ssh-server";
import { STATE_DIRECTORY, TestHost } from "../../host/support/test-host";
import { file, hostFiles } from "./support";

const FILE = "/etc/served/conf.d/a.conf";
const state = (text = "a\n") => hostFiles({ files: { [FILE]: file({ text, service: "served" }) } });

const resource = resourceWith(new KeyPassphrases());

let nowhere: SshSettings;
beforeAll(async () => {
  nowhere = settingsFor(`root@127.0.0.1:${await freePort()}`);
});

const opened: Hosts[] = [];
afterEach(() => Promise.all(opened.splice(0).map((hosts) => hosts.close())));

function settingsFor(address: string): SshSettings {
  return {
    address,
    configFile: "/dev/null",
    identityFile: null,
    knownHostsFile: null,
    hostKeys: [],
    proxyJump: null,
    become: null,
  };
}

const connectionTo = (ssh: SshSettings): Connection => ({
  ssh,
  root: "/nowhere",
  stateDirectory: "/state",
  applyOwnership: false,
});

function host(name: string, settings: Partial<HostSettings> = {}): [string, HostSettings] {
  const services = new Map([["served", withoutCommands("served")]]);
  return [name, { ...connectionTo(nowhere), name, services, ...settings }];
}

function provider(...settings: [string, HostSettings][]): Hosts {
  return open(new Hosts("stack", new Map(settings)));
}

function open(hosts: Hosts): Hosts {
  opened.push(hosts);
  return hosts;
}

/** What of a request is the same for all operations, and what was said in the end. */
function request(hosts: Hosts, kept: PrivateState = null) {
  const diagnostics = new Diagnostics();
  const said = () => diagnostics.all.map(({ severity, summary }) => `${severity}: ${summary}`);
  const { signal } = new AbortController();
  return { context: { provider: hosts, diagnostics, signal, private: kept }, said, diagnostics };
}

async function read(hosts: Hosts, kept: PrivateState = null) {
  const { context, said } = request(hosts, kept);
  const outcome = await resource.read({ ...context, prior: state() });
  return { outcome, said: said() };
}

async function plan(hosts: Hosts, name: string, kept: PrivateState, text?: string) {
  const { context, said } = request(hosts, kept);
  const replaced: unknown[] = [];
  const config = { ...state(text), host: name };
  const requireReplacement = (path: unknown) => replaced.push(path);
  const planned = structuredClone(config);
  await resource.plan?.({ ...context, config, prior: state(), planned, requireReplacement } as never);
  return { replaced, said: said() };
}

describe("a host that cannot be reached", () => {
  it("WHEN refreshed THEN that is an error of each of its resources, and what is known is kept", async () => {
    const hosts = provider(host("mx1"));
    const results = await Promise.all([read(hosts), read(hosts)]);

    expect(results).toEqual(Array(2).fill({ outcome: null, said: ['error: Host "mx1" cannot be reached'] }));
  });

  it("GIVEN that a warning is enough WHEN refreshed THEN what is known is kept, and one warning says so", async () => {
    const hosts = provider(host("mx1", { onUnreachable: "warn" }));
    const results = await Promise.all([read(hosts, { some: "thing" }), read(hosts, { some: "thing" })]);

    expect(results.map(({ outcome }) => outcome)).toEqual(
      Array(2).fill({ state: state(), private: { some: "thing" } }),
    );
    expect(results.flatMap(({ said }) => said)).toEqual([
      'warning: Host "mx1" cannot be reached: its last known state is used',
    ]);
  });

  it("GIVEN that a warning is enough WHEN changed THEN that is one error all the same, and what is known is kept", async () => {
    const { context, said, diagnostics } = request(provider(host("mx1", { onUnreachable: "warn" })));
    const config = state("b\n");
    const outcome = await resource.update({ ...context, config, planned: config, prior: state() } as never);

    expect(said()).toEqual(['error: Host "mx1" cannot be reached']);
    expect(diagnostics.all[0]?.detail).toContain("Is sshd running, and the port right?");
    expect(outcome?.state).toEqual(state());
  });

  it("WHEN it has left the configuration and its files are to go THEN it is looked for where it was", async () => {
    const { context, said, diagnostics } = request(provider(), { connection: connectionTo(nowhere) });
    await resource.delete({ ...context, prior: state() });

    expect(said()).toEqual(['error: Host "mx1" cannot be reached']);
    expect(diagnostics.all[0]?.detail).toContain(nowhere.address);
  });
});

describe("a host that is no longer declared, and away", () => {
  const kept = () => ({ connection: connectionTo(nowhere) });

  it("WHEN refreshed THEN that is an error", async () => {
    expect(await read(provider(), kept())).toEqual({
      outcome: null,
      said: ['error: Host "mx1" cannot be reached'],
    });
  });

  it("GIVEN that a warning is enough WHEN refreshed THEN what is known is kept", async () => {
    const hosts = open(new Hosts("stack", new Map(), "warn"));
    expect(await read(hosts, kept())).toEqual({
      outcome: { state: state(), private: kept() },
      said: ['warning: Host "mx1" cannot be reached: its last known state is used'],
    });
  });

  it("GIVEN that it has another name by now WHEN refreshed THEN what is said of that one counts", async () => {
    const hosts = provider(host("mx2", { onUnreachable: "warn" }));
    expect((await read(hosts, kept())).said).toEqual([
      'warning: Host "mx2" cannot be reached: its last known state is used',
    ]);
  });
});

describe("a host that is gone", () => {
  it("WHEN refreshed THEN what is known is kept, without contact", async () => {
    expect(await read(provider(host("mx1", { gone: true })), { some: "thing" })).toEqual({
      outcome: { state: state(), private: { some: "thing" } },
      said: [],
    });
  });

  it("WHEN its resources are deleted THEN that succeeds without contact, and one warning says what may be left", async () => {
    const { context, said } = request(provider(host("mx1", { gone: true })));
    await resource.delete({ ...context, prior: state() });
    await resource.delete({ ...context, prior: state() });

    expect(said()).toEqual(['warning: Host "mx1" is marked as gone and was not contacted']);
  });

  it("WHEN something is to be created or changed THEN that is refused, in the plan already", async () => {
    const hosts = provider(host("mx1", { gone: true }));
    const config = state("b\n");
    const { context, said } = request(hosts);
    await resource.create({ ...context, config, planned: config } as never);
    await resource.update({ ...context, config, planned: config, prior: state() } as never);

    expect(said()).toEqual(Array(2).fill('error: Host "mx1" is marked as gone'));
    expect((await plan(hosts, "mx1", null, "b\n")).said).toEqual(['error: Host "mx1" is marked as gone']);
  });
});

describe("a host with another name or another address", () => {
  const kept = { connection: connectionTo(settingsFor("root@mx1.example.org")) };
  const at = (name: string, address: string, more: Partial<SshSettings> = {}) =>
    provider(host(name, { ssh: { ...settingsFor(address), ...more } }));

  it.each([
    ["another name", "mail", at("mail", "root@mx1.example.org")],
    ["another name and another user", "mail", at("mail", "admin@MX1.example.org:22", { become: ["sudo"] })],
    ["another address", "mx1", at("mx1", "root@192.0.2.1:2222")],
  ])("GIVEN %s THEN its resources are not replaced", async (_, name, hosts) => {
    expect(await plan(hosts, name, kept)).toEqual({ replaced: [], said: [] });
  });

  it.each([
    ["another name and address", at("mail", "root@192.0.2.1")],
    ["another name and port", at("mail", "root@mx1.example.org:2222")],
    ["another name, behind another host", at("mail", "root@mx1.example.org", { proxyJump: "bastion" })],
    ["another name, on this machine", provider(host("mail", { ssh: null }))],
  ])("GIVEN %s THEN it is another host, and they are replaced", async (_, hosts) => {
    expect((await plan(hosts, "mail", kept)).replaced).toEqual([["host"]]);
  });
});

describeIf(sshd, "a host that is reached by ssh", () => {
  let server: SshServer;
  let on: TestHost;
  beforeAll(async () => {
    server = await SshServer.start();
    on = new TestHost();
  });
  afterAll(async () => {
    await server.stop();
    await on.remove();
  });

  const declared = (ssh = server.settings()) => ({ ...on.settings, ssh, onUnreachable: "warn" as const });

  it("THEN files are made, seen, and removed again where it is no longer declared", async () => {
    const hosts = provider(["mx1", declared()]);
    const { context, diagnostics } = request(hosts);
    const config = state("serve a /etc/served/pem\n");
    on.write("/etc/served/pem", "x");

    const created = await resource.create({ ...context, config, planned: config } as never);
    expect(diagnostics.all).toEqual([]);
    expect(on.loaded("a")).toBe("x");
    expect(created?.private).toMatchObject({ connection: { ssh: { address: server.address } } });
    const seen = await resource.read({ ...context, prior: created?.state as never });
    expect(seen?.state.files?.[FILE]).toMatchObject({ text: "serve a /etc/served/pem\n", mode: "0644" });

    const later = request(provider(), created?.private);
    await resource.delete({ ...later.context, prior: created?.state as never });
    expect(later.diagnostics.all).toEqual([]);
    expect(on.has(FILE)).toBe(false);
  });

  const impostor = () => server.settings({ hostKeys: [OTHER_KEY] });

  it("GIVEN a key that has changed WHEN refreshed THEN that is an error", async () => {
    const hosts = provider(["mx1", { ...declared(impostor()), onUnreachable: "fail" }]);
    expect(await read(hosts)).toEqual({ outcome: null, said: ['error: Host "mx1" cannot be reached'] });
  });

  it("GIVEN a key that has changed, and that a warning is enough THEN what is known is kept, and the warning says what to do", async () => {
    const { context, said, diagnostics } = request(provider(["mx1", declared(impostor())]), {
      some: "thing",
    });
    const outcome = await resource.read({ ...context, prior: state() });
    expect(outcome).toEqual({ state: state(), private: { some: "thing" } });
    expect(said()).toEqual(['warning: Host "mx1" has another host key: its last known state is used']);
    expect(diagnostics.all[0]?.detail).toMatch(
      /its host key has changed.*Nothing was sent to it\. If you know that the host was reinstalled, compare the fingerprint.*changes to this host fail until that is fixed\.$/,
    );
  });

  it("GIVEN a key that has changed, and that a warning is enough WHEN changed or removed THEN it is refused, and nothing is sent", async () => {
    const before = on.tree();
    const config = state("serve b /etc/served/pem\n");
    const hosts = provider(["mx1", declared(impostor())]);
    // As an engine does: what was read first does not open a way.
    await read(hosts);
    const changes = {
      create: { config, planned: config },
      update: { config, planned: config, prior: state() },
      delete: { prior: state() },
    };
    for (const [kind, values] of Object.entries(changes)) {
      const { context, said } = request(hosts);
      await resource[kind as keyof typeof changes]({ ...context, ...values } as never);
      expect(said(), kind).toEqual(['error: Host "mx1" cannot be reached']);
    }
    expect(on.tree()).toEqual(before);
  });
});

describe("a host that answers and cannot be used", () => {
  let on: TestHost;
  beforeEach(() => {
    on = new TestHost();
  });
  afterEach(() => on.remove());

  const LOOP = "/etc/served/conf.d/loop";
  const declared = (onUnreachable: "fail" | "warn") =>
    provider(["mx1", { ...on.settings, onUnreachable } satisfies HostSettings]);

  it.each<[string, () => void, HostFiles, string, RegExp]>([
    [
      "a ledger that cannot be read",
      () => on.write(`${STATE_DIRECTORY}/ledger`, "No-Kind\tof line\t.\n"),
      state(),
      'error: Host "mx1" cannot be checked',
      /ledger cannot be read/,
    ],
    [
      "a path that cannot be read",
      () => on.link(LOOP, "loop"),
      hostFiles({ files: { [`${LOOP}/a.conf`]: file({ text: "a\n" }) } }),
      `error: ${LOOP}/a.conf cannot be checked`,
      /loop\/a\.conf cannot be checked: Too many levels of symbolic links/,
    ],
  ])(
    "GIVEN %s THEN that is an error, and a warning where one is enough",
    async (_, break_, prior, error, detail) => {
      break_();
      const [strict, lenient] = [request(declared("fail")), request(declared("warn"))];
      await resource.read({ ...strict.context, prior });
      expect(strict.said()).toContain(error);

      const outcome = await resource.read({ ...lenient.context, prior });
      expect(outcome?.state).toEqual(prior);
      expect(lenient.said()).toEqual(['warning: Host "mx1" cannot be checked: its last known state is used']);
      expect(lenient.diagnostics.all[0]?.detail).toMatch(detail);
    },
  );
});

const OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPbQG5IAr4rqGQzcmdGNWeK1eTaM6wGZUZGWKhBkxTCP";
