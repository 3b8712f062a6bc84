import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { engineUnderTest } from "../../support/engine-under-test";
import { expectNothingToDo } from "../../support/expectations";
import { fileIdentities, fileTree } from "../../support/file-tree";
import { FileWatch } from "../../support/file-watch";
import { describeIf } from "../../support/requirements";
import { domainFiles, domainPaths, StandInServer } from "../../support/stand-in-server";
import { pemFor } from "../../support/test-pem";
import { Workspace } from "../../support/workspace";

describeIf(engineUnderTest, "which resource owns a path", () => {
  let workspace: Workspace;
  let server: StandInServer;
  let pem: string;
  beforeEach(async () => {
    workspace = await Workspace.open("in process");
    server = new StandInServer(workspace.directory);
    pem = await pemFor("a.test");
  });
  afterEach(() => workspace.close());

  const { certificate, configuration, link } = domainPaths("a.test");
  const declare = (resources: Record<string, object>, more: object = {}) =>
    workspace.declare({ hosts: { mx1: server.host }, resources, ...more });

  describe("that is handed over", () => {
    const other = { host: "mx1", files: { "/etc/mail/note": { text: "note\n" } } };
    /** As an alias that becomes a domain of its own: what one resource had, another one declares. */
    const atFirst = () => ({
      "mailsni_host_files.old": domainFiles("a.test", pem),
      "mailsni_host_files.new": other,
    });

    it("GIVEN the new owner first THEN the file is there at every moment, and stays", async () => {
      declare(atFirst());
      await workspace.mustApply();
      const identities = fileIdentities(server.root, [certificate, configuration, link]);
      const watch = await FileWatch.start(server.path(certificate));

      declare({
        "mailsni_host_files.new": domainFiles("a.test", pem),
        "mailsni_host_files.old": { ...other, depends_on: ["mailsni_host_files.new"] },
      });
      const { changes } = await workspace.mustApply();

      const { reads, misses } = await watch.stop();
      expect(changes).toEqual({ "mailsni_host_files.old": "update", "mailsni_host_files.new": "update" });
      expect(reads).toBeGreaterThan(0);
      expect(misses).toBe(0);
      expect(fileIdentities(server.root, [certificate, configuration, link])).toEqual(identities);
      expect(Object.keys(server.served)).toEqual(["a.test"]);
      await expectNothingToDo(workspace);
    });

    it("GIVEN the old owner first THEN the file is there in the end, and served", async () => {
      declare(atFirst());
      await workspace.mustApply();

      declare({
        "mailsni_host_files.old": other,
        "mailsni_host_files.new": { ...domainFiles("a.test", pem), depends_on: ["mailsni_host_files.old"] },
      });
      const { changes } = await workspace.mustApply();

      expect(changes).toEqual({ "mailsni_host_files.old": "update", "mailsni_host_files.new": "update" });
      expect(server.read(certificate)).toBe(pem);
      expect(server.read(link)).toBe(pem);
      expect(server.served).toEqual(server.wouldServe);
      expect(Object.keys(server.served)).toEqual(["a.test"]);
      await expectNothingToDo(workspace);
    });

    it("GIVEN a delete that follows a create elsewhere THEN it leaves alone what is another's now", async () => {
      declare(atFirst());
      await workspace.mustApply();
      declare({ ...atFirst(), "mailsni_host_files.new": domainFiles("a.test", pem) });
      await workspace.mustApply();
      // Two resources of one stack declare it: the one that was applied last has it, the other one says so.
      const contested = await workspace.plan();
      expect(contested.changes).toEqual({ "mailsni_host_files.old": "update" });
      expect(contested.output).toContain("belongs to another resource of stack");

      declare({ "mailsni_host_files.new": domainFiles("a.test", pem) });
      await workspace.mustApply();

      expect(server.read(certificate)).toBe(pem);
      expect(Object.keys(server.served)).toEqual(["a.test"]);
      await expectNothingToDo(workspace);
    });
  });

  describe("when the resource is renamed", () => {
    it("GIVEN `moved` THEN nothing changes", async () => {
      declare({ "mailsni_host_files.old": domainFiles("a.test", pem) });
      await workspace.mustApply();
      const identities = fileIdentities(server.root, [certificate, configuration, link]);
      server.forgetJournal();

      declare(
        { "mailsni_host_files.new": domainFiles("a.test", pem) },
        { moved: { "mailsni_host_files.old": "mailsni_host_files.new" } },
      );
      const { changes, output } = await workspace.mustApply();

      expect(changes).toEqual({});
      expect(output).toContain("0 added, 0 changed, 0 destroyed");
      expect(fileIdentities(server.root, [certificate, configuration, link])).toEqual(identities);
      expect(server.journal).toEqual([]);
      await expectNothingToDo(workspace);
    });

    it("GIVEN no `moved` THEN one is destroyed, the other created, and the files survive", async () => {
      declare({ "mailsni_host_files.old": domainFiles("a.test", pem) });
      await workspace.mustApply();
      const tree = fileTree(server.root, ["/var/lib/mail-sni/"]);

      declare({ "mailsni_host_files.new": domainFiles("a.test", pem) });
      const { changes } = await workspace.mustApply();

      expect(changes).toEqual({ "mailsni_host_files.old": "delete", "mailsni_host_files.new": "create" });
      expect(fileTree(server.root, ["/var/lib/mail-sni/"])).toEqual(tree);
      expect(Object.keys(server.served)).toEqual(["a.test"]);
      await expectNothingToDo(workspace);
    });
  });

  it("GIVEN a resource that declares nothing any more THEN it is there, and nothing is left to do", async () => {
    declare({ "mailsni_host_files.a": domainFiles("a.test", pem) });
    await workspace.mustApply();

    declare({ "mailsni_host_files.a": { host: "mx1", names: ["a.test"] } });
    const { changes } = await workspace.mustApply();

    expect(changes).toEqual({ "mailsni_host_files.a": "update" });
    expect(existsSync(server.path(certificate))).toBe(false);
    expect(server.served).toEqual({});
    await expectNothingToDo(workspace);
    expect((await workspace.destroy()).output).toContain("1 destroyed");
  });

  it("GIVEN two stacks that claim one path THEN the second is told whose it is, and changes nothing", async () => {
    declare({ "mailsni_host_files.ours": domainFiles("a.test", pem) }, { stack: "production" });
    await workspace.mustApply();
    const tree = fileTree(server.root, ["/var/lib/mail-sni/"]);
    const other = await Workspace.open("in process");
    try {
      const theirs = { ...domainFiles("a.test", await pemFor("a.test")) };
      other.declare({
        stack: "staging",
        hosts: { mx1: server.host },
        resources: { "mailsni_host_files.theirs": theirs },
      });

      const refused = await other.apply();

      expect(refused.exitCode).toBe(1);
      const [message] = refused.errorsOf("mailsni_host_files.theirs");
      expect(message).toContain("belongs to another stack");
      expect(message).toContain('On host "mx1": the stack "production"');
      expect(message).toContain('this one is "staging"');
      expect(message).toMatch(/destroy it there first/);
      expect(message).toContain("/etc/mail/");
      expect(other.state).toEqual({});
      expect(fileTree(server.root, ["/var/lib/mail-sni/"])).toEqual(tree);
      await expectNothingToDo(workspace);
    } finally {
      await other.close();
    }

    // What the other stack was refused is still this one's to remove.
    await workspace.destroy();
    expect(existsSync(server.path(certificate))).toBe(false);
  });

  it("GIVEN what is kept, placeholders and others' files WHEN all is destroyed THEN they stay, and all else goes", async () => {
    const [kept, placeholder] = ["/var/qmail/control/servercert.pem", "/var/qmail/control/placeholder.pem"];
    const [othersPem, othersConf] = ["/etc/mail/certs/other.pem", "/etc/mail/conf.d/local.conf"];
    const defaultPem = await pemFor("default.test");
    declare({
      "mailsni_host_files.base": {
        host: "mx1",
        role: "base",
        directories: { "/etc/mail/certs": {}, "/etc/mail/empty": {} },
        placeholders: { [placeholder]: { names: ["placeholder.test"], mode: "0640" } },
      },
      "mailsni_host_files.default": {
        host: "mx1",
        role: "default",
        files: {
          [kept]: { on_destroy: "keep", service: "mail" },
          "/etc/mail/conf.d/99-default.conf": {
            text: `serve default.test ${kept}\n`,
            on_destroy: "keep",
            service: "mail",
          },
        },
        secrets: { [kept]: defaultPem },
        depends_on: ["mailsni_host_files.base"],
      },
      "mailsni_host_files.a": { ...domainFiles("a.test", pem), depends_on: ["mailsni_host_files.base"] },
    });
    await workspace.mustApply();
    const made = server.read(placeholder);
    writeFileSync(server.path(othersPem), "somebody else's");
    writeFileSync(server.path(othersConf), "");

    expect((await workspace.destroy()).exitCode).toBe(0);

    expect(workspace.state).toEqual({});
    expect(server.read(kept)).toBe(defaultPem);
    expect(server.read(placeholder)).toBe(made);
    expect(server.read(othersPem)).toBe("somebody else's");
    const left = Object.entries(fileTree(server.root, ["/var/lib/mail-sni/"])).filter(
      ([, what]) => !what.startsWith("directory"),
    );
    expect(left.map(([path]) => path)).toEqual(
      [
        "/etc/mail/conf.d/99-default.conf",
        othersConf,
        "/etc/mail/main.conf",
        othersPem,
        placeholder,
        kept,
      ].sort(),
    );
    for (const gone of ["/etc/mail/empty", "/etc/mail/aliases"])
      expect(existsSync(server.path(gone))).toBe(false);
    expect(Object.keys(server.served)).toEqual(["default.test"]);

    // No stack's now: another one may have it.
    const next = await Workspace.open("in process");
    try {
      const files = { [kept]: { on_destroy: "keep", service: "mail" } };
      next.declare({
        stack: "next",
        hosts: { mx1: server.host },
        resources: {
          "mailsni_host_files.default": {
            host: "mx1",
            role: "default",
            files,
            secrets: { [kept]: defaultPem },
          },
        },
      });
      const before = fileIdentities(server.root, [kept]);
      await next.mustApply();
      expect(fileIdentities(server.root, [kept])).toEqual(before);
    } finally {
      await next.close();
    }
  });

  it("GIVEN files that are there already, the same ones WHEN they are declared THEN they are adopted untouched", async () => {
    for (const path of ["/etc/mail/certs", "/etc/mail/aliases"]) mkdirSync(server.path(path));
    writeFileSync(server.path(certificate), pem, { mode: 0o640 });
    writeFileSync(server.path(configuration), `serve a.test ${certificate}\n`);
    const identities = fileIdentities(server.root, [certificate, configuration]);

    const { links: _links, ...files } = domainFiles("a.test", pem);
    declare({ "mailsni_host_files.a": files });
    const { messages } = await workspace.mustApply();

    expect(fileIdentities(server.root, [certificate, configuration])).toEqual(identities);
    expect(messages).toEqual([]);
    expect(server.journal).toEqual([]);
    await workspace.destroy();
    expect(existsSync(server.path(certificate))).toBe(false);
    expect(server.served).toEqual({});
  });
});
