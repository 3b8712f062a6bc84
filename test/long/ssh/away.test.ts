import { existsSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { engineUnderTest } from "../../support/engine-under-test";
import { expectNothingToDo } from "../../support/expectations";
import { describeIf, sshd } from "../../support/requirements";
import { SshStandIn } from "../../support/ssh-stand-in";
import { domainFiles, domainPaths, StandInServer } from "../../support/stand-in-server";
import { pemFor } from "../../support/test-pem";
import { Workspace } from "../../support/workspace";

const { certificate, configuration, link } = domainPaths("a.test");
const PATHS = [certificate, configuration, link];
const FAR = "mailsni_host_files.far";
const NEAR = "mailsni_host_files.near";

/** A host that is reached by ssh, beside one that is always there. */
describeIf([engineUnderTest, sshd], "a host that is away, gone, or somewhere else", () => {
  let workspace: Workspace;
  let far: SshStandIn;
  let near: StandInServer;
  let pem: string;
  beforeEach(async () => {
    // In processes of its own, so that each run finds out for itself who is away.
    workspace = await Workspace.open("vendored");
    far = await SshStandIn.start();
    near = new StandInServer(workspace.directory);
    pem = await pemFor("a.test");
    declare();
    await workspace.mustApply();
  });
  afterEach(async () => {
    await far.stop();
    await workspace.close();
  });

  function declare(settings: object = {}, contents = pem): void {
    workspace.declare({
      hosts: { far: { ...far.host, ...settings }, near: near.host },
      resources: {
        [FAR]: { ...domainFiles("a.test", contents), host: "far" },
        [NEAR]: { ...domainFiles("a.test", contents), host: "near" },
      },
    });
  }

  const isWhole = () => far.server.read(certificate) === pem;

  it("GIVEN it is away THEN a plan fails and names it, and its state is kept", async () => {
    await far.ssh.kill();

    const { exitCode, errors } = await workspace.plan();

    expect(exitCode).toBe(1);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain('Host "far" cannot be reached');
    expect(errors[0]).toContain(`nothing listens on port ${far.ssh.port} of 127.0.0.1`);
    expect(Object.keys(workspace.state)).toEqual([FAR, NEAR]);
  });

  it.each([
    ["its settings", { on_unreachable: "warn" }, {}],
    ["the environment", {}, { MAIL_SNI_ON_UNREACHABLE: "warn" }],
  ])(
    "GIVEN it is away and %s let that pass THEN there is a plan, a warning, and the other host is changed",
    async (_, settings, env) => {
      await far.ssh.kill();
      declare(settings);

      const unchanged = await workspace.plan({ env });
      expect(unchanged.exitCode).toBe(0);
      expect(unchanged.output).toContain('Host "far" cannot be reached: its last known state is used');

      const renewed = await pemFor("a.test");
      declare(settings, renewed);
      const { exitCode, errors } = await workspace.apply({ env });
      expect(exitCode).toBe(1);
      expect(errors).toHaveLength(1);
      expect(errors[0]).toContain('Host "far" cannot be reached');
      expect(near.read(certificate)).toBe(renewed);
      expect(isWhole()).toBe(true);

      await far.ssh.restart();
      expect((await workspace.mustApply()).changes).toEqual({ [FAR]: "update" });
      expect(far.server.read(certificate)).toBe(renewed);
      await expectNothingToDo(workspace);
    },
  );

  it("GIVEN it is gone for good THEN its resources go without contact, and it can leave the configuration", async () => {
    await far.ssh.kill();
    const rest = { [NEAR]: { ...domainFiles("a.test", pem), host: "near" } };
    workspace.declare({ hosts: { far: { ...far.host, gone: true }, near: near.host }, resources: rest });

    const { changes, output } = await workspace.mustApply();

    expect(changes).toEqual({ [FAR]: "delete" });
    expect(output).toContain('Host "far" is marked as gone and was not contacted');
    expect(isWhole()).toBe(true);
    workspace.declare({ hosts: { near: near.host }, resources: rest });
    await expectNothingToDo(workspace);
  });

  it("GIVEN it left the configuration while it was away THEN it cannot be forgotten by accident", async () => {
    await far.ssh.kill();
    workspace.declare({
      hosts: { near: near.host },
      resources: { [NEAR]: { ...domainFiles("a.test", pem), host: "near" } },
    });

    const { exitCode, errors } = await workspace.apply();

    expect(exitCode).toBe(1);
    expect(errors.join()).toContain('Host "far" cannot be reached');
    expect(Object.keys(workspace.state)).toEqual([FAR, NEAR]);
    await far.ssh.restart();
    expect((await workspace.mustApply()).changes).toEqual({ [FAR]: "delete" });
    expect(PATHS.filter((path) => existsSync(far.server.path(path)))).toEqual([]);
  });

  it("GIVEN another address of the same machine THEN there is nothing to do", async () => {
    declare({ address: far.ssh.address.replace("127.0.0.1", "localhost") });
    await expectNothingToDo(workspace);
  });

  it("GIVEN its address leads to a new machine THEN everything is written there, and the former one is left alone", async () => {
    const next = await SshStandIn.start();
    try {
      declare(next.host);

      const { changes } = await workspace.mustApply();

      expect(changes).toEqual({ [FAR]: "create" });
      expect(next.server.read(certificate)).toBe(pem);
      expect(isWhole()).toBe(true);
      await expectNothingToDo(workspace);
    } finally {
      await next.stop();
    }
  });
});
