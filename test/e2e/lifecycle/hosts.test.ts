import { chmodSync, chownSync, existsSync, mkdirSync, renameSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { engineUnderTest } from "../../support/engine-under-test";
import { expectNothingToDo } from "../../support/expectations";
import { fileIdentities, fileTree } from "../../support/file-tree";
import { describeIf, root } from "../../support/requirements";
import { domainFiles, domainPaths, StandInServer } from "../../support/stand-in-server";
import { pemFor } from "../../support/test-pem";
import { type RunOptions, Workspace } from "../../support/workspace";

const { certificate, configuration, link } = domainPaths("a.test");
const PATHS = [certificate, configuration, link];
const A = "mailsni_host_files.a";

describeIf(engineUnderTest, "hosts", () => {
  let workspace: Workspace;
  let server: StandInServer;
  let pem: string;
  beforeEach(async () => {
    workspace = await Workspace.open("in process");
    server = new StandInServer(workspace.directory);
    pem = await pemFor("a.test");
  });
  afterEach(() => workspace.close());

  const declare = (hosts: Readonly<Record<string, object>>, host = "mx1") =>
    workspace.declare({ hosts, resources: { [A]: { ...domainFiles("a.test", pem), host } } });

  /** A host below another directory of the workspace, without services. */
  const elsewhere = (name: string) => ({ root: workspace.path(name) });

  it("GIVEN a host that is declared no more, with what was on it THEN its files go all the same", async () => {
    const second = domainFiles("b.test", await pemFor("b.test"));
    const resources = { [A]: domainFiles("a.test", pem), "mailsni_host_files.b": { ...second, host: "mx2" } };
    workspace.declare({ hosts: { mx1: server.host, mx2: elsewhere("two") }, resources });
    await workspace.mustApply();
    expect(existsSync(workspace.path("two", domainPaths("b.test").certificate))).toBe(true);

    declare({ mx1: server.host });
    const { changes } = await workspace.mustApply();

    expect(changes).toEqual({ "mailsni_host_files.b": "delete" });
    const left = Object.keys(fileTree(workspace.path("two"))).filter(
      (path) => !"/var/lib/mail-sni".startsWith(path),
    );
    expect(left).toEqual(["/var/lib/mail-sni/ledger", "/var/lib/mail-sni/lock"]);
    expect(server.read(certificate)).toBe(pem);
    await expectNothingToDo(workspace);
  });

  it("GIVEN another name for the same host THEN that is an update in place, and no file is touched", async () => {
    declare({ mx1: server.host });
    await workspace.mustApply();
    const identities = fileIdentities(server.root, PATHS);

    declare({ mail: server.host }, "mail");
    const { changes } = await workspace.mustApply();

    expect(changes).toEqual({ [A]: "update" });
    expect(fileIdentities(server.root, PATHS)).toEqual(identities);
    await expectNothingToDo(workspace);
    await workspace.destroy();
    expect(PATHS.filter((path) => existsSync(server.path(path)))).toEqual([]);
  });

  it("GIVEN another name for the same host, and with it other addresses of resources THEN that is the same", async () => {
    declare({ mx1: server.host });
    await workspace.mustApply();
    const identities = fileIdentities(server.root, PATHS);

    const resources = { "mailsni_host_files.b": { ...domainFiles("a.test", pem), host: "mail" } };
    workspace.declare({ hosts: { mail: server.host }, resources, moved: { [A]: "mailsni_host_files.b" } });
    const { changes } = await workspace.mustApply();

    expect(changes).toEqual({ "mailsni_host_files.b": "update" });
    expect(fileIdentities(server.root, PATHS)).toEqual(identities);
    await expectNothingToDo(workspace);
  });

  it.each(["stays declared", "is declared no more"])(
    "GIVEN another host, when the first one %s THEN it moves: nothing is left on the first one",
    async (title) => {
      declare({ mx1: server.host });
      await workspace.mustApply();

      const two = { mx2: elsewhere("two") };
      declare(title === "stays declared" ? { mx1: server.host, ...two } : two, "mx2");
      const { changes } = await workspace.mustApply();

      expect(changes).toEqual({ [A]: "replace" });
      expect(PATHS.filter((path) => existsSync(server.path(path)))).toEqual([]);
      expect(PATHS.filter((path) => existsSync(workspace.path("two", path)))).toEqual(PATHS);
      await expectNothingToDo(workspace);
    },
  );

  it("GIVEN another state directory THEN the claims are made there, and no file is touched", async () => {
    declare({ mx1: server.host });
    await workspace.mustApply();
    const identities = fileIdentities(server.root, PATHS);

    declare({ mx1: { ...server.host, state_directory: "/srv/mail-sni" } });
    const { changes, output } = await workspace.mustApply();

    expect(changes).toEqual({ [A]: "update" });
    expect(output).toContain("is not in the host's ledger");
    expect(existsSync(server.path("/srv/mail-sni/ledger"))).toBe(true);
    expect(fileIdentities(server.root, PATHS)).toEqual(identities);
    await expectNothingToDo(workspace);
    await workspace.destroy();
    expect(PATHS.filter((path) => existsSync(server.path(path)))).toEqual([]);
  });

  it("GIVEN a root that was renamed together with its tree THEN there is nothing to do, and it can be destroyed", async () => {
    declare({ mx1: elsewhere("one") });
    await workspace.mustApply();

    renameSync(workspace.path("one"), workspace.path("two"));
    declare({ mx1: elsewhere("two") });

    expect((await workspace.mustApply()).changes).toEqual({});
    workspace.declare({ hosts: {}, resources: {} });
    await workspace.mustApply();
    expect(existsSync(workspace.path("one"))).toBe(false);
    expect(PATHS.filter((path) => existsSync(workspace.path("two", path)))).toEqual([]);
  });

  it("GIVEN a root with nothing in it yet THEN everything is made there, and the former one is left alone", async () => {
    declare({ mx1: elsewhere("one") });
    await workspace.mustApply();

    declare({ mx1: elsewhere("two") });
    const { changes } = await workspace.mustApply();

    expect(changes).toEqual({ [A]: "create" });
    expect(PATHS.filter((path) => existsSync(workspace.path("one", path)))).toEqual(PATHS);
    expect(PATHS.filter((path) => existsSync(workspace.path("two", path)))).toEqual(PATHS);
    await expectNothingToDo(workspace);
  });

  it("GIVEN a relative root THEN it is relative to the directory of the stack", async () => {
    await workspace.close();
    workspace = await Workspace.open("vendored");
    declare({ mx1: { root: "out/mx1" } });
    await workspace.mustApply();

    expect(PATHS.filter((path) => existsSync(workspace.path("out/mx1", path)))).toEqual(PATHS);
    await expectNothingToDo(workspace);
  });

  describeIf(root, "as an ordinary user, whom root can become", () => {
    const NOBODY = 65_534;
    const asNobody: RunOptions = {
      provider: "vendored",
      through: ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"],
    };
    beforeEach(async () => {
      await workspace.close();
      workspace = await Workspace.open("vendored");
      server = new StandInServer(workspace.directory);
    });

    it("GIVEN a root of the user's own THEN all is done, and nothing is left to do", async () => {
      declare({ mx1: server.host });
      workspace.giveTo(NOBODY, NOBODY);

      await workspace.mustApply(asNobody);

      expect(fileTree(server.root)[certificate]).toMatch(`file 0640 ${NOBODY}:${NOBODY} `);
      expect(Object.keys(server.served)).toEqual(["a.test"]);
      await expectNothingToDo(workspace, asNobody);
    });

    it("GIVEN a root that the user cannot write THEN one sentence says where and why, and nothing is changed", async () => {
      declare({ mx1: elsewhere("closed") });
      workspace.giveTo(NOBODY, NOBODY);
      mkdirSync(workspace.path("closed"));

      const { exitCode, errors } = await workspace.apply(asNobody);

      expect(exitCode).toBe(1);
      expect(errors).toHaveLength(1);
      expect(errors[0]).toContain('Host "mx1" cannot be used');
      expect(errors[0]).toContain(workspace.path("closed"));
      expect(errors[0]).toContain("Permission denied");
      expect(fileTree(workspace.path("closed"))).toEqual({});
      expect(workspace.state).toEqual({});
    });

    it("GIVEN files that the user cannot read THEN that is an error, not a deletion", async () => {
      declare({ mx1: server.host });
      await workspace.mustApply();
      workspace.giveTo(NOBODY, NOBODY);
      for (const path of ["/etc/mail/certs", "/etc/mail"]) {
        chownSync(server.path(path), 0, 0);
        chmodSync(server.path(path), 0o700);
      }

      const plan = await workspace.plan(asNobody);

      expect(plan.exitCode).toBe(1);
      expect(plan.errors.join()).toContain(`${certificate} cannot be checked`);
      expect(plan.errors.join()).toContain('On host "mx1"');
      expect(plan.errors.join()).toContain("Run as a user who may do that");
      expect(workspace.state).toHaveProperty([A]);
    });
  });
});
