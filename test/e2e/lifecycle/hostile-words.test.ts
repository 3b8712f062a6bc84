import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { engineUnderTest } from "../../support/engine-under-test";
import { HOSTILE_WORDS, isPlain } from "../../support/hostile-words";
import { describeIf } from "../../support/requirements";
import { domainFiles, domainPaths, StandInServer } from "../../support/stand-in-server";
import { pemFor } from "../../support/test-pem";
import { Workspace } from "../../support/workspace";

describeIf(engineUnderTest, "words of a host that would have a terminal do something", () => {
  let workspace: Workspace;
  let server: StandInServer;
  beforeAll(async () => {
    workspace = await Workspace.open("vendored");
    server = new StandInServer(workspace.directory);
    workspace.declare({
      hosts: { mx1: server.host },
      resources: { "mailsni_host_files.a": domainFiles("a.test", await pemFor("a.test")) },
    });
  });
  afterAll(() => workspace.close());

  it("GIVEN a command prints them WHEN applied THEN the message and the log show them, and nothing more", async () => {
    server.on("check", `printf '%s' '${HOSTILE_WORDS}' >&2; exit 1`);
    const { output } = await workspace.apply({ env: { TF_LOG_PROVIDER: "trace" } });
    server.behave();
    expect(output).toContain("\\u001b[2J");
    expect(isPlain(output)).toBe(true);
  });

  it("GIVEN a file has them WHEN planned THEN the difference shows them, and nothing more", async () => {
    await workspace.mustApply();
    const { configuration } = domainPaths("a.test");
    writeFileSync(server.path(configuration), `serve a.test\n${HOSTILE_WORDS}\n`);
    const { output } = await workspace.plan();
    expect(output).toContain("\\u001b[2J");
    expect(isPlain(output)).toBe(true);
    await workspace.mustApply();
    expect((await workspace.plan()).exitCode).toBe(0);
  });
});
