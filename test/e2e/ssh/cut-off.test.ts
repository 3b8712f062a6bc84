import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, it, onTestFailed, vi } from "vitest";
import { startTlsServer, type TlsServer } from "../../provider/remote/support/tls-server";
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

// Each test runs a real engine twice.
vi.setConfig({ testTimeout: 60_000 });

const { certificate } = domainPaths("a.test");
const A = "mailsni_host_files.a";
const OTHER = "mailsni_host_files.other";

describeIf([engineUnderTest, sshd], "a connection by ssh that is cut off", () => {
  let workspace: Workspace;
  let far: SshStandIn;
  let imaps: TlsServer;
  let relay: Relay;
  const versions: string[] = [];
  let version = 0;

  beforeAll(async () => {
    workspace = await Workspace.open("vendored");
    far = await SshStandIn.start();
    imaps = await startTlsServer(() => loaded());
    relay = await Relay.start(imaps.port);
    versions.push(await pemFor("a.test"), await pemFor("a.test"));
    await apply();
  });
  afterEach(() => {
    far.behave();
    relay.release();
  });
  afterAll(async () => {
    await relay?.stop();
    await imaps?.stop();
    await far?.stop();
    await workspace?.close();
  });

  /** What the server has loaded, and so presents. */
  function loaded(): string | undefined {
    const hash = far.server.served["a.test"];
    return versions.find((pem) => createHash("sha256").update(pem).digest("hex") === hash);
  }

  /** Another certificate for a domain of the host, and for one of another host. */
  function declareNext(): void {
    version += 1;
    const pem = versions[version % 2] as string;
    const mail = { ...far.server.service, endpoints: [{ port: relay.port, protocol: "tls" }] };
    workspace.declare({
      hosts: { mx1: { ...far.host, services: { mail } }, mx2: { root: workspace.path("mx2") } },
      resources: {
        [A]: domainFiles("a.test", pem),
        [OTHER]: { ...domainFiles("a.test", pem), host: "mx2" },
      },
    });
  }

  async function apply(): Promise<void> {
    declareNext();
    await workspace.mustApply();
  }

  /** The shared connection, as this machine has it. */
  function ssh(): readonly number[] {
    const pids = workspace.providers.flatMap((pid) => childrenOf(pid));
    return pids.filter((pid) => argumentsOf(pid).includes("ControlMaster=yes"));
  }

  /** Cuts off what runs at a moment, and says how the apply ended. */
  async function cutOff(moment: () => Promise<unknown>, cut: () => void) {
    const before = loaded();
    declareNext();
    const engine = workspace.start(["apply", "-auto-approve"]);
    onTestFailed(() => void engine.process.kill("SIGKILL"));
    await moment();
    cut();
    // What the host was sent before it does, and it hears of the end only then.
    far.release();
    relay.release();
    const { exitCode, output } = await engine.finished;
    return { before, exitCode, output: output.replace(/\s+/g, " ") };
  }

  const held = (begin: () => void) => () => {
    begin();
    return far.holding();
  };
  const moments = {
    "everything is staged": held(() => far.before("sync", far.hold)),
    "files are swapped": held(() => far.before("mv", far.hold)),
    "files are swapped and the server is not told": held(() => far.server.on("running", far.hold)),
    "the server is told": held(() => far.server.on("activate", far.hold)),
    "the server is asked what it presents": () => relay.hold(),
  };

  const cuts = {
    ssh: () => killAll(ssh()),
    "the shell on the host": () => far.killShells(),
    "the connection's sshd": () => killAll(far.ssh.connections),
  };

  const all = Object.keys(moments).map((moment) => ["ssh", moment] as const);
  const some = ["files are swapped", "the server is told"].flatMap((moment) =>
    (["the shell on the host", "the connection's sshd"] as const).map((what) => [what, moment] as const),
  );

  it.each([...all, ...some])(
    "GIVEN %s is killed WHEN %s THEN files are whole, other hosts are done, and the next apply finishes it",
    async (what, moment) => {
      const run = await cutOff(moments[moment as keyof typeof moments], cuts[what]);
      expect(run.exitCode).toBe(1);
      expect(run.output).toMatch(/Host "mx1" was lost in the middle of a change .* Apply again to finish/);
      expect(workspace.state[OTHER]).toMatchObject({ host: "mx2" });
      await far.left();
      far.behave();
      expect(versions).toContain(far.server.read(certificate));
      expect([run.before, versions[version % 2]]).toContain(loaded());
      const owed = far.server.read(certificate) !== loaded();
      const { changes } = await workspace.mustApply();
      if (owed) expect(changes).toHaveProperty([A]);
      expect([far.server.read(certificate), loaded()]).toEqual(Array(2).fill(versions[version % 2]));
      expect(temporaryFiles(far.server.root)).toEqual([]);
    },
  );

  it("THEN in the end nothing is left to do", () => expectNothingToDo(workspace));
});
