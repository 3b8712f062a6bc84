import {
  chmodSync,
  chownSync,
  mkdirSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { EngineReport } from "../../support/engine-report";
import { engineUnderTest } from "../../support/engine-under-test";
import { expectNothingToDo } from "../../support/expectations";
import { fileTree } from "../../support/file-tree";
import { describeIf, root } from "../../support/requirements";
import { domainFiles, domainPaths, StandInServer } from "../../support/stand-in-server";
import { pemFor } from "../../support/test-pem";
import { Workspace } from "../../support/workspace";

const DIRECTORY = "/etc/mail/certs";
/** The user who runs the tests, by number. */
const OWNED = { owner: `${process.getuid?.()}`, group: `${process.getgid?.()}` };
const LEDGER = ["/var/lib/mail-sni/"];

describeIf(engineUnderTest, "what others have changed on a host", () => {
  let workspace: Workspace;
  let server: StandInServer;
  let asDeclared: Record<string, string>;
  beforeAll(async () => {
    workspace = await Workspace.open("in process");
    server = new StandInServer(workspace.directory);
    const domain = async (name: string) => [
      `mailsni_host_files.${name}`,
      {
        ...domainFiles(`${name}.test`, await pemFor(`${name}.test`)),
        depends_on: ["mailsni_host_files.base"],
      },
    ];
    const resources = Object.fromEntries(await Promise.all(["a", "b", "c"].map(domain)));
    Object.assign(resources["mailsni_host_files.a"].files[domainPaths("a.test").certificate], OWNED);
    workspace.declare({
      hosts: { mx1: server.host },
      resources: {
        "mailsni_host_files.base": {
          host: "mx1",
          role: "base",
          directories: { [DIRECTORY]: { mode: "0750" } },
        },
        ...resources,
      },
    });
    await workspace.mustApply();
    asDeclared = fileTree(server.root, LEDGER);
  });
  afterAll(() => workspace.close());

  let plan: EngineReport;
  beforeEach(() => server.forgetJournal());

  /** All but what was touched is as it was, the plan says so, and an apply puts it right. */
  async function expectHealed(addresses: readonly string[]): Promise<void> {
    expect(plan.exitCode).toBe(2);
    expect(plan.changes).toEqual(Object.fromEntries(addresses.map((address) => [address, "update"])));
    expect(fileTree(server.root, LEDGER)).not.toEqual(asDeclared);

    await workspace.mustApply();

    expect(fileTree(server.root, LEDGER)).toEqual(asDeclared);
    expect(server.served).toEqual(server.wouldServe);
    await expectNothingToDo(workspace);
  }

  it("GIVEN a text that was edited THEN the plan shows the difference of text, AND an apply heals it", async () => {
    const { configuration, certificate } = domainPaths("a.test");
    writeFileSync(server.path(configuration), `serve a.test ${certificate}\nserve b.test ${certificate}\n`);

    plan = await workspace.plan();

    expect(plan.output).toContain(`- serve b.test ${certificate}`);
    expect(plan.output).toContain(`  serve a.test ${certificate}`);
    await expectHealed(["mailsni_host_files.a"]);
    expect(server.journal.filter((command) => command === "activate")).toHaveLength(1);
  });

  it("GIVEN a PEM that was replaced THEN the plan shows its hash, AND an apply heals it", async () => {
    const { certificate } = domainPaths("b.test");
    const hashIn = (tree: Readonly<Record<string, string>>) => tree[certificate]?.split(" ").at(-1);
    const ours = hashIn(asDeclared);
    writeFileSync(server.path(certificate), await pemFor("b.test"));
    const theirs = hashIn(fileTree(server.root));
    expect([ours, theirs]).toEqual(Array(2).fill(expect.stringMatching(/^[0-9a-f]{64}$/)));

    plan = await workspace.plan();

    expect(plan.changed("~").join()).toMatch(new RegExp(`sha256 += "${theirs}" -> "${ours}"`));
    await expectHealed(["mailsni_host_files.b"]);
    expect(server.journal).toContain("activate");
  });

  it("GIVEN other modes of a PEM and of directories THEN the plan shows them, AND an apply heals them", async () => {
    const { certificate, link } = domainPaths("c.test");
    chmodSync(server.path(certificate), 0o644);
    chmodSync(server.path(DIRECTORY), 0o777);
    // It is not declared: it was made for the links, and a server has to be able to enter it.
    const ofLinks = link.slice(0, link.lastIndexOf("/"));
    chmodSync(server.path(ofLinks), 0o700);

    plan = await workspace.plan();

    expect(plan.output).toMatch(/"\/etc\/mail\/certs\/c\.test\.pem" = \{\s+~ mode += "0644" -> "0640"/);
    expect(plan.output).toMatch(/"\/etc\/mail\/certs" = \{\s+~ mode += "0777" -> "0750"/);
    expect(plan.output).toContain(`${ofLinks} has mode 0700 instead of 0755`);
    const hosts = ["base", "a", "b", "c"].map((name) => `mailsni_host_files.${name}`);
    await expectHealed(hosts);
  });

  it("GIVEN a link that leads elsewhere THEN the plan shows both targets, AND an apply heals it", async () => {
    const { link } = domainPaths("a.test");
    unlinkSync(server.path(link));
    symlinkSync("../certs/b.test.pem", server.path(link));

    plan = await workspace.plan();

    expect(plan.output).toContain(`~ "${link}" = "../certs/b.test.pem" -> "../certs/a.test.pem"`);
    await expectHealed(["mailsni_host_files.a"]);
  });

  it("GIVEN a text, a PEM and a link that were deleted THEN the plan names exactly those, AND an apply heals them", async () => {
    const a = domainPaths("a.test");
    const b = domainPaths("b.test");
    const c = domainPaths("c.test");
    for (const path of [a.configuration, b.certificate, c.link]) unlinkSync(server.path(path));

    plan = await workspace.plan();

    const missing = plan.changed("-").filter((line) => line.startsWith('"/'));
    expect(missing.map((line) => line.split('"')[1])).toEqual([a.configuration, b.certificate, c.link]);
    expect(new Set(plan.changed("+"))).toEqual(new Set(["pending = (known after apply)"]));
    await expectHealed(["mailsni_host_files.a", "mailsni_host_files.b", "mailsni_host_files.c"]);
  });

  it("GIVEN what was deleted, and applies that fail THEN plans go on naming it, AND an apply heals it", async () => {
    const { configuration, link } = domainPaths("a.test");
    for (const path of [configuration, link]) unlinkSync(server.path(path));
    server.on("activate", "exit 1");
    for (let failed = 0; failed < 2; failed++) {
      expect((await workspace.apply()).errorsOf("mailsni_host_files.a")).not.toEqual([]);

      plan = await workspace.plan();

      const missing = plan.changed("-").filter((line) => line.startsWith('"/'));
      expect(missing.map((line) => line.split('"')[1])).toEqual([configuration, link]);
    }
    server.behave();
    // The base resource reports the activation that the failed applies have left.
    await expectHealed(["mailsni_host_files.a", "mailsni_host_files.base"]);
  });

  it("GIVEN a directory that was deleted with all in it THEN whose it was is shown, AND an apply heals it", async () => {
    rmSync(server.path(DIRECTORY), { recursive: true });

    plan = await workspace.plan();

    expect(plan.output).toMatch(/- missing += \[\s+- "\/etc\/mail\/certs",/);
    await expectHealed(["base", "a", "b", "c"].map((name) => `mailsni_host_files.${name}`));
  });

  it("GIVEN a link where a file was, and a file where a link was THEN that is said, AND an apply heals it", async () => {
    const { link, certificate } = domainPaths("b.test");
    unlinkSync(server.path(link));
    writeFileSync(server.path(link), "a file now");
    unlinkSync(server.path(certificate));
    symlinkSync("a.test.pem", server.path(certificate));

    plan = await workspace.plan();

    expect(plan.messages.map(({ text }) => text).join()).toContain(`${link} is no longer a link`);
    await expectHealed(["mailsni_host_files.b"]);
  });

  it("GIVEN a mtime that changed and another file beside ours THEN there is nothing to do", async () => {
    const { configuration } = domainPaths("a.test");
    writeFileSync(server.path(configuration), server.read(configuration));
    mkdirSync(server.path("/etc/mail/others"));
    writeFileSync(server.path("/etc/mail/others/note"), "");

    plan = await workspace.plan();

    expect(plan.exitCode).toBe(0);
    rmSync(server.path("/etc/mail/others"), { recursive: true });
  });

  it("GIVEN a reinstalled host without a ledger THEN everything is created again", async () => {
    rmSync(server.root, { recursive: true });
    server.setUp();

    const { changes } = await workspace.mustApply();

    const all = ["base", "a", "b", "c"].map((name) => [`mailsni_host_files.${name}`, "create"]);
    expect(changes).toEqual(Object.fromEntries(all));
    expect(fileTree(server.root, LEDGER)).toEqual(asDeclared);
    expect(server.served).toEqual(server.wouldServe);
    await expectNothingToDo(workspace);
  });

  describeIf(root, "as root", () => {
    it("GIVEN another owner and group THEN the plan shows them, AND an apply heals them", async () => {
      const { certificate } = domainPaths("a.test");
      const [daemon, bin] = [1, 2];
      chownSync(server.path(certificate), daemon, bin);

      plan = await workspace.plan();

      expect(plan.output).toMatch(/~ group += "bin" -> "0"/);
      expect(plan.output).toMatch(/~ owner += "daemon" -> "0"/);
      await expectHealed(["mailsni_host_files.a"]);
      expect(statSync(server.path(certificate))).toMatchObject({ uid: 0, gid: 0 });
    });
  });
});
