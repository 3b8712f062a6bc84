import { afterAll, beforeAll, expect, it } from "vitest";
import type { EngineReport } from "../../support/engine-report";
import { engineUnderTest } from "../../support/engine-under-test";
import { expectNothingToDo } from "../../support/expectations";
import { temporaryFiles } from "../../support/file-tree";
import { describeIf, sshd } from "../../support/requirements";
import { SshStandIn } from "../../support/ssh-stand-in";
import { domainFiles, domainPaths } from "../../support/stand-in-server";
import { pemFor } from "../../support/test-pem";
import { Workspace } from "../../support/workspace";

const STACKS = ["first", "second"] as const;
type Stack = (typeof STACKS)[number];
/** A single attempt at the lock takes 20 s; only after one has failed there is something to be said. */
const LONG_ENOUGH_MS = 25_000;

/** Of an engine each, as two administrators have it who do not know of each other. */
describeIf([engineUnderTest, sshd], "two applies at once on a host by ssh", () => {
  const workspaces = {} as Record<Stack, Workspace>;
  const pems = {} as Record<Stack, string>;
  const reports = {} as Record<Stack, EngineReport>;
  let far: SshStandIn;

  beforeAll(async () => {
    far = await SshStandIn.start();
    for (const stack of STACKS) {
      workspaces[stack] = await Workspace.open("vendored");
      pems[stack] = await pemFor(`${stack}.test`);
      workspaces[stack].declare({
        stack,
        hosts: { mx1: far.host },
        resources: { "mailsni_host_files.a": domainFiles(`${stack}.test`, pems[stack]) },
      });
    }
    far.server.on("activate", far.hold);
    const first = workspaces.first.apply();
    await far.holding();
    const second = workspaces.second.apply();
    setTimeout(() => far.release(), LONG_ENOUGH_MS);
    [reports.first, reports.second] = await Promise.all([first, second]);
  });
  afterAll(async () => {
    await far?.stop();
    for (const workspace of Object.values(workspaces)) await workspace.close();
  });

  it("THEN both come to their end, and the host has what both have declared", async () => {
    for (const stack of STACKS) {
      expect(reports[stack].errors).toEqual([]);
      expect(far.server.read(domainPaths(`${stack}.test`).certificate)).toBe(pems[stack]);
    }
    expect(Object.keys(far.server.served).sort()).toEqual(["first.test", "second.test"]);
    expect(far.server.served).toEqual(far.server.wouldServe);
    expect(temporaryFiles(far.server.root)).toEqual([]);
    for (const stack of STACKS) await expectNothingToDo(workspaces[stack]);
  });

  it("THEN the one that had to wait says so, and that nothing is wrong with that", () => {
    expect(warnings(reports.second)).toEqual([
      expect.stringMatching(
        /Waited for another run on host "mx1".*waited for it for \d+ s. No action is needed/,
      ),
    ]);
    expect(warnings(reports.first)).toEqual([]);
  });
});

function warnings({ messages }: EngineReport): string[] {
  return messages.filter(({ severity }) => severity === "Warning").map(({ text }) => text);
}
