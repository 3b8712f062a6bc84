import { afterAll, beforeAll, expect, it } from "vitest";
import { SHELLS } from "../../provider/host/support/shells";
import { findCommand } from "../../support/commands";
import type { EngineReport } from "../../support/engine-report";
import { engineUnderTest } from "../../support/engine-under-test";
import { expectNothingToDo } from "../../support/expectations";
import { fileTree, temporaryFiles } from "../../support/file-tree";
import { describeIf, sshd } from "../../support/requirements";
import { SshStandIn } from "../../support/ssh-stand-in";
import { domainFiles, domainPaths } from "../../support/stand-in-server";
import { pemFor } from "../../support/test-pem";
import { Workspace } from "../../support/workspace";

/** Of each, what a host has as its `sh`. */
const NAMES = SHELLS.map(([name]) => name);

describeIf([engineUnderTest, sshd], "hosts by ssh with other shells", () => {
  let workspace: Workspace;
  const fars = new Map<string, SshStandIn>();
  let pems: readonly string[];
  let refused: EngineReport;

  beforeAll(async () => {
    workspace = await Workspace.open("in process");
    pems = [await pemFor("a.test"), await pemFor("a.test")];
    for (const name of NAMES) {
      const far = await SshStandIn.start();
      fars.set(name, far);
      far.shell(findCommand(name) as string);
    }
    declare(0);
    await workspace.mustApply();
    for (const { server } of fars.values()) server.on("activate", "echo 'no reload today' >&2; exit 3");
    declare(1);
    refused = await workspace.apply();
    for (const { server } of fars.values()) server.behave();
  });
  afterAll(async () => {
    for (const far of fars.values()) await far.stop();
    await workspace?.close();
  });

  function declare(version: number): void {
    const files = domainFiles("a.test", pems[version] as string);
    workspace.declare({
      hosts: Object.fromEntries([...fars].map(([name, far]) => [name, far.host])),
      resources: Object.fromEntries(NAMES.map((host) => [`mailsni_host_files.${host}`, { ...files, host }])),
    });
  }

  it.each(NAMES)("GIVEN %s THEN what fails is put back there, and said", (name) => {
    const { server } = fars.get(name) as SshStandIn;
    expect(refused.errorsOf(`mailsni_host_files.${name}`).join()).toMatch(
      new RegExp(`failed to load the new files.*on host "${name}" ended with exit status 3: no reload today`),
    );
    expect(server.read(domainPaths("a.test").certificate)).toBe(pems[0]);
    expect(temporaryFiles(server.root)).toEqual([]);
  });

  it("THEN the next apply does it, all hosts are the same, and nothing is left to do", async () => {
    await workspace.mustApply();
    const [first, ...others] = [...fars.values()].map(({ server }) =>
      fileTree(server.root, ["/var/lib/mail-sni/"]),
    );
    expect(first).toHaveProperty([domainPaths("a.test").certificate]);
    for (const other of others) expect(other).toEqual(first);
    await expectNothingToDo(workspace);
  });
});
