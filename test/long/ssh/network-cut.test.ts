import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CuttableNetwork, ownNetworks } from "../../support/cuttable-network";
import type { EngineReport } from "../../support/engine-report";
import { engineUnderTest } from "../../support/engine-under-test";
import { expectNothingToDo } from "../../support/expectations";
import { temporaryFiles } from "../../support/file-tree";
import { describeIf, sshd } from "../../support/requirements";
import { SshStandIn } from "../../support/ssh-stand-in";
import { domainFiles, domainPaths } from "../../support/stand-in-server";
import { pemFor } from "../../support/test-pem";
import { Workspace } from "../../support/workspace";

const { certificate } = domainPaths("a.test");

/** What each host is doing when it can no longer be heard. */
const MOMENTS: Readonly<Record<string, (far: SshStandIn) => void>> = {
  staging: (far) => far.before("sync", far.hold),
  swapping: (far) => far.before("mv", far.hold),
  swapped: (far) => far.server.on("running", far.hold),
  telling: (far) => far.server.on("activate", far.hold),
};
const HOSTS = Object.keys(MOMENTS);
const CUT_OFF = HOSTS.map((host) => `mailsni_host_files.${host}`);
const HERE = "mailsni_host_files.here";

/** Four hosts of one apply, each of which is cut off while it is doing something else; and one that is not. */
describeIf(
  [engineUnderTest, sshd, ownNetworks],
  "a network that loses every packet in the middle of an apply",
  () => {
    let workspace: Workspace;
    let network: CuttableNetwork;
    let pems: readonly string[];
    let applied: EngineReport;
    const fars = new Map<string, SshStandIn>();

    beforeAll(async () => {
      workspace = await Workspace.open("vendored");
      network = await CuttableNetwork.start();
      for (const host of HOSTS) fars.set(host, await SshStandIn.start({ network }));
      pems = [await pemFor("a.test"), await pemFor("a.test")];
      declare(0);
      await workspace.mustApply();
      declare(1);
      for (const [host, far] of fars) MOMENTS[host]?.(far);
      const applying = workspace.apply();
      await Promise.all([...fars.values()].map((far) => far.holding()));
      await network.cut();
      // What a host was sent before, it does.
      for (const far of fars.values()) far.release();
      applied = await applying;
    });
    afterAll(async () => {
      for (const far of fars.values()) await far.stop();
      await network?.stop();
      await workspace?.close();
    });

    function declare(version: number): void {
      const files = domainFiles("a.test", pems[version] as string);
      workspace.declare({
        hosts: {
          ...Object.fromEntries([...fars].map(([host, far]) => [host, far.host])),
          here: { root: workspace.path("here") },
        },
        resources: Object.fromEntries(
          [...HOSTS, "here"].map((host) => [`mailsni_host_files.${host}`, { ...files, host }]),
        ),
      });
    }

    const isLocked = ({ server }: SshStandIn) =>
      spawnSync("flock", ["-n", server.path("/var/lib/mail-sni/lock"), "true"]).status !== 0;

    it("THEN each of them fails, and says that the connection was lost and what to do", () => {
      expect(applied.exitCode).toBe(1);
      for (const [host, far] of fars) {
        const [message, ...more] = applied.errorsOf(`mailsni_host_files.${host}`);
        expect(message).toContain(`Host "${host}" was lost during a change`);
        expect(message).toContain(`At ${far.ssh.address}: the connection was lost`);
        expect(message).toContain("Apply again to finish.");
        expect(more).toEqual([]);
      }
    });

    it("THEN the host that is not cut off is done", () => {
      expect(applied.errorsOf(HERE)).toEqual([]);
      expect(workspace.state[HERE]).toMatchObject({ host: "here" });
    });

    it("THEN each file over there is the old one or the new one, and so is what is served", () => {
      for (const { server } of fars.values()) {
        expect(pems).toContain(server.read(certificate));
        expect(Object.keys(server.served)).toEqual(["a.test"]);
      }
    });

    it("WHILE it stays cut off THEN a plan says that the hosts cannot be reached", async () => {
      const { exitCode, errors } = await workspace.plan();
      expect(exitCode).toBe(1);
      expect(errors).toHaveLength(HOSTS.length);
      for (const error of errors)
        expect(error).toMatch(/Host "\w+" cannot be reached.*every firewall on the way/);
    });

    it("THEN the locks on the unreachable hosts are released by their time limit", async () => {
      expect([...fars.values()].some(isLocked)).toBe(true);
      await expect.poll(() => [...fars.values()].filter(isLocked).length, { timeout: 330_000 }).toBe(0);
    });

    it("WHEN packets arrive again THEN the next apply finishes it, and leaves nothing to do", async () => {
      await network.mend();
      for (const far of fars.values()) far.behave();
      const { changes, output } = await workspace.mustApply();
      expect(Object.keys(changes)).toEqual(expect.arrayContaining(CUT_OFF));
      expect(output).not.toContain("Waited for another run");
      for (const { server } of fars.values()) {
        expect(server.read(certificate)).toBe(pems[1]);
        expect(server.served).toEqual(server.wouldServe);
        expect(temporaryFiles(server.root)).toEqual([]);
      }
      await expectNothingToDo(workspace);
    });
  },
);
