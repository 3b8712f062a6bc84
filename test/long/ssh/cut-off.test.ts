import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, it, onTestFailed, vi } from "vitest";
import { startTlsServer, type TlsServer } from "../../provider/host/support/tls-server";
import { engineUnderTest } from "../../support/engine-under-test";
import { expectNothingToDo } from "../../support/expectations";
import { temporaryFiles } from "../../support/file-tree";
import { argumentsOf, childrenOf, killAll } from "../../support/processes";
import { Relay } from "../../support/relay";
import { describeIf, sshd } from "../../support/requirements";
import { SshStandIn } from "../../support/ssh-stand-in";
import { domainFiles, domainPaths } from "../../support/stand-in-server";
import { pemFor } from "../../support/test-pem";
import { Workspace } from "../../support/workspace";

// Each test runs a real engine twice, for six hosts.
vi.setConfig({ testTimeout: 120_000 });

const { certificate } = domainPaths("a.test");

/** A host by ssh with a server that can be asked what it presents. */
interface Far {
  readonly host: SshStandIn;
  readonly imaps: TlsServer;
  readonly relay: Relay;
}

/** What each host is doing when it is cut off; resolves when it does. */
const MOMENTS: Readonly<Record<string, (far: Far) => Promise<unknown>>> = {
  staging: ({ host }) => held(host, () => host.before("sync", host.hold)),
  swapping: ({ host }) => held(host, () => host.before("mv", host.hold)),
  swapped: ({ host }) => held(host, () => host.server.on("running", host.hold)),
  telling: ({ host }) => held(host, () => host.server.on("activate", host.hold)),
  asking: ({ relay }) => relay.hold(),
};
const HOSTS = Object.keys(MOMENTS);
const addressOf = (host: string) => `mailsni_host_files.${host}`;

function held(host: SshStandIn, begin: () => void): Promise<void> {
  begin();
  return host.holding();
}

describeIf([engineUnderTest, sshd], "connections by ssh that are cut off, each at another moment", () => {
  let workspace: Workspace;
  const fars = new Map<string, Far>();
  const versions: string[] = [];
  let version = 0;

  beforeAll(async () => {
    workspace = await Workspace.open("vendored");
    for (const name of HOSTS) fars.set(name, await startFar());
    versions.push(await pemFor("a.test"), await pemFor("a.test"));
    declareNext();
    await workspace.mustApply();
  });
  afterAll(async () => {
    for (const { host, imaps, relay } of fars.values()) {
      await relay.stop();
      await imaps.stop();
      await host.stop();
    }
    await workspace?.close();
  });

  async function startFar(): Promise<Far> {
    const host = await SshStandIn.start();
    const imaps = await startTlsServer(() => loaded(host));
    return { host, imaps, relay: await Relay.start(imaps.port) };
  }

  /** What the server has loaded, and so presents. */
  function loaded({ server }: SshStandIn): string | undefined {
    const hash = server.served["a.test"];
    return versions.find((pem) => createHash("sha256").update(pem).digest("hex") === hash);
  }

  /** Another certificate for the domain, on all hosts and on one that is not reached by ssh. */
  function declareNext(): void {
    version += 1;
    const files = domainFiles("a.test", versions[version % 2] as string);
    const hosts = [...fars].map(([name, { host, relay }]) => {
      const mail = { ...host.server.service, endpoints: [{ port: relay.port, protocol: "tls" }] };
      return [name, { ...host.host, services: { mail } }] as const;
    });
    workspace.declare({
      hosts: { ...Object.fromEntries(hosts), here: { root: workspace.path("here") } },
      resources: Object.fromEntries([...HOSTS, "here"].map((host) => [addressOf(host), { ...files, host }])),
    });
  }

  /** The shared connections, as this machine has them. */
  function ssh(): readonly number[] {
    const pids = workspace.providers.flatMap((pid) => childrenOf(pid));
    return pids.filter((pid) => argumentsOf(pid).includes("ControlMaster=yes"));
  }

  const hosts = () => [...fars.values()].map(({ host }) => host);
  const cuts = {
    ssh: () => killAll(ssh()),
    "the shell on the host": () => {
      for (const host of hosts()) host.killShells();
    },
    "the connection's sshd": () => killAll(hosts().flatMap((host) => host.ssh.connections)),
  };

  it.each(Object.keys(cuts) as (keyof typeof cuts)[])(
    "GIVEN %s is killed THEN files are whole, other hosts are done, and the next apply finishes it",
    async (what) => {
      const before = versions[version % 2];
      declareNext();
      const after = versions[version % 2];
      const reached = Promise.all([...fars].map(([name, far]) => MOMENTS[name]?.(far)));
      const engine = workspace.start(["apply", "-auto-approve"]);
      onTestFailed(() => void engine.process.kill("SIGKILL"));
      await reached;
      cuts[what]();
      // What a host was sent before it does, and it hears of the end only then.
      for (const { host, relay } of fars.values()) {
        host.release();
        relay.release();
      }
      const { exitCode, output } = await engine.finished;

      expect(exitCode).toBe(1);
      const said = output.replace(/\s+/g, " ");
      for (const name of HOSTS) {
        expect(said).toMatch(new RegExp(`Host "${name}" was lost during a change .* Apply again to finish`));
      }
      expect(workspace.state[addressOf("here")]).toMatchObject({ host: "here" });
      const unserved: string[] = [];
      for (const [name, { host }] of fars) {
        await host.left();
        host.behave();
        expect(versions).toContain(host.server.read(certificate));
        expect([before, after]).toContain(loaded(host));
        if (host.server.read(certificate) !== loaded(host)) unserved.push(addressOf(name));
      }
      const { changes } = await workspace.mustApply();
      expect(Object.keys(changes)).toEqual(expect.arrayContaining(unserved));
      for (const { host } of fars.values()) {
        expect([host.server.read(certificate), loaded(host)]).toEqual([after, after]);
        expect(temporaryFiles(host.server.root)).toEqual([]);
      }
    },
  );

  it("THEN in the end nothing is left to do", () => expectNothingToDo(workspace));
});
