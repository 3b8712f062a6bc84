import {
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { escapeTemplate } from "../../../lib/constructs/bindings/template";
import { mustRun, runCommand } from "../../support/commands";
import type { EngineReport } from "../../support/engine-report";
import { engineUnderTest } from "../../support/engine-under-test";
import { fileTree, temporaryFiles } from "../../support/file-tree";
import { describeIf, sshd } from "../../support/requirements";
import { SshStandIn } from "../../support/ssh-stand-in";
import { domainFiles, domainPaths } from "../../support/stand-in-server";
import { pemFor } from "../../support/test-pem";
import { Workspace } from "../../support/workspace";

const NOBODY = 65534;
/** So many bytes, in names that are short enough (255). */
const longPath = (bytes: number) => `/${"x".repeat(199)}`.repeat(bytes / 200);
const LONG_PATH = `/srv${longPath(3800)}/${"y".repeat(190)}`;
const FULL = "/full/a.pem";
const READ_ONLY = "/read-only/a.pem";
/** What must not be followed is in a directory that belongs to another user. */
const PLANTED = "/home/nobody/certs/a.pem";

/** What a shell, a server's configuration or Terraform could take for something else. */
const NAMES = [
  "-rf",
  "two words",
  "it's",
  '"quoted"',
  "$(touch oops)",
  "`id`",
  "a;b",

  "${x}",
  "%{y}",
  "*",
];
const TEXTS: Readonly<Record<string, string>> = {
  "/srv/texts/cr-lf": "one\r\ntwo\r\n",
  "/srv/texts/no-newline": "no final newline",
  "/srv/texts/empty": "",
  "/srv/texts/newlines": "\n\n\n",
  "/srv/texts/template": "${x} %{ if y } $${z} `id` $(id) '\"\\",
  "/srv/texts/unicode": "bücher \u2028 \u{1f4ec}\u001e0\n",
};

/** Everything at once, through one connection and as one batch: only what is faulty fails. */
describeIf([engineUnderTest, sshd], "a host by ssh on which some things cannot be written", () => {
  let workspace: Workspace;
  let far: SshStandIn;
  let applied: EngineReport;
  const mounted: string[] = [];
  const pems: Record<string, { readonly old: string; readonly new: string }> = {};

  beforeAll(async () => {
    workspace = await Workspace.open("in process");
    far = await SshStandIn.start();
    for (const name of [
      "good",
      "immutable",
      "directory",
      "broken",
      "full",
      "read-only",
      "planted",
      "unloadable",
    ]) {
      pems[name] = { old: await pemFor(`${name}.test`), new: await pemFor(`${name}.test`) };
    }
    await mount("/full", "size=64k");
    await mount("/read-only", "size=64k");
    declare("old", {});
    await workspace.mustApply();
    await prepareFaults();
    const faulty = domainFiles("broken.test", pem("broken", "new"));
    faulty.files[domainPaths("broken.test").configuration] = { service: "mail", text: "nonsense\n" };
    // Which its check does not see. What is staged there is no part of the configuration.
    far.server.on(
      "activate",
      `if [ -e "$root/etc/mail/conf.d/unloadable.test.conf" ]; then echo 'no room for unloadable' >&2; exit 3; fi`,
    );
    declare("new", {
      broken: faulty,
      unloadable: domainFiles("unloadable.test", pem("unloadable", "new")),
      directory: domainFiles("directory.test", pem("directory", "new")),
      planted: aloneAt(PLANTED, pem("planted", "new")),
      long: { host: "mx1", files: { [LONG_PATH]: { text: "x" } } },
    });
    applied = await workspace.apply();
  });
  afterAll(async () => {
    await runCommand(["chattr", "-i", at(domainPaths("immutable.test").certificate)]);
    for (const path of mounted) await runCommand(["umount", path]);
    await far?.stop();
    await workspace?.close();
  });

  const at = (path: string) => far.server.path(path);
  const pem = (name: string, version: "old" | "new") => pems[name]?.[version] as string;
  const aloneAt = (path: string, contents: string) => ({
    host: "mx1",
    files: { [path]: { mode: "0600" } },
    secrets: { [path]: contents },
  });

  function declare(version: "old" | "new", more: Readonly<Record<string, object>>): void {
    const resources = {
      good: domainFiles("good.test", pem("good", version)),
      immutable: domainFiles("immutable.test", pem("immutable", version)),
      full: aloneAt(FULL, pem("full", version)),
      "read-only": aloneAt(READ_ONLY, pem("read-only", version)),
      texts: {
        host: "mx1",
        files: Object.fromEntries(
          Object.entries(TEXTS).map(([path, text]) => [path, { text: escapeTemplate(`${text}${version}`) }]),
        ),
      },
      names: {
        host: "mx1",
        files: Object.fromEntries(
          NAMES.map((name) => [
            escapeTemplate(`/srv/names/${name}`),
            { text: escapeTemplate(`${name} ${version}`) },
          ]),
        ),
      },
      ...more,
    };
    workspace.declare({
      hosts: { mx1: far.host },
      resources: Object.fromEntries(
        Object.entries(resources).map(([name, files]) => [`mailsni_host_files.${name}`, files]),
      ),
    });
  }

  async function mount(path: string, options: string): Promise<void> {
    mkdirSync(at(path));
    await mustRun(["mount", "-t", "tmpfs", "-o", options, "tmpfs", at(path)]);
    mounted.push(at(path));
  }

  async function prepareFaults(): Promise<void> {
    await mustRun(["chattr", "+i", at(domainPaths("immutable.test").certificate)]);
    await runCommand(["dd", "if=/dev/zero", `of=${at("/full/fill")}`, "bs=4096", "count=64"]);
    await mustRun(["mount", "-o", "remount,ro", at("/read-only")]);
    mkdirSync(at(domainPaths("directory.test").configuration));
    mkdirSync(at("/etc/precious"));
    writeFileSync(join(at("/etc/precious"), "a.pem"), "precious");
    mkdirSync(at(dirname(dirname(PLANTED))), { recursive: true });
    symlinkSync("../../etc/precious", at(dirname(PLANTED)));
    chownSync(at(dirname(dirname(PLANTED))), NOBODY, NOBODY);
    lchownSync(at(dirname(PLANTED)), NOBODY, NOBODY);
  }

  const errorsOf = (name: string) => applied.errorsOf(`mailsni_host_files.${name}`).join();

  it("THEN everything else is new, and the server has it", () => {
    expect(applied.exitCode).toBe(1);
    expect(far.server.read(domainPaths("good.test").certificate)).toBe(pem("good", "new"));
    expect(far.server.served).toEqual(far.server.wouldServe);
    expect(Object.keys(far.server.served).sort()).toEqual(["good.test", "immutable.test"]);
  });

  it("THEN texts are what was declared, byte for byte", () => {
    expect(errorsOf("texts")).toBe("");
    for (const [path, text] of Object.entries(TEXTS)) expect(far.server.read(path)).toBe(`${text}new`);
  });

  it("THEN names are taken literally", () => {
    expect(errorsOf("names")).toBe("");
    expect(readdirSync(at("/srv/names")).sort()).toEqual([...NAMES].sort());
    for (const name of NAMES) expect(far.server.read(`/srv/names/${name}`)).toBe(`${name} new`);
    expect(existsSync("oops") || existsSync(at("/srv/names/oops"))).toBe(false);
  });

  it.each([
    [
      "an immutable file",
      "immutable",
      /immutable\.test\.pem cannot be replaced.*Operation not permitted.*`chattr -i`/,
    ],
    ["a full disk", "full", /\/full\/a\.pem cannot be written.*No space left on device\. Make room/],
    [
      "a read-only file system",
      "read-only",
      /\/read-only\/a\.pem.*Read-only file system\. Mount it writable/,
    ],
    ["a directory where a file is to be", "directory", /directory\.test\.conf.*Move it away/],
    ["a configuration that its server refuses", "broken", /check.*unknown setting nonsense/],
    [
      "a configuration that its server cannot load",
      "unloadable",
      /failed to load the new files.*exit status 3: no room/,
    ],
    ["a link that another user planted", "planted", /certs is a link to \S+ that belongs to nobody/],
  ])("GIVEN %s THEN that change alone fails, and says why", (_, name, message) => {
    expect(errorsOf(name)).toMatch(message);
    expect(errorsOf(name)).toContain('"mx1"');
  });

  it("THEN what could not be replaced is the old one, and what could not be made is not there", () => {
    expect(far.server.read(domainPaths("immutable.test").certificate)).toBe(pem("immutable", "old"));
    expect(far.server.read(FULL)).toBe(pem("full", "old"));
    expect(far.server.read(READ_ONLY)).toBe(pem("read-only", "old"));
    for (const name of ["directory.test", "broken.test", "unloadable.test"]) {
      expect(existsSync(at(domainPaths(name).certificate)), name).toBe(false);
    }
    expect(temporaryFiles(far.server.root)).toEqual([]);
  });

  it("GIVEN the longest path that can be declared THEN it is written", () => {
    expect(errorsOf("long")).toBe("");
    expect(far.server.read(LONG_PATH)).toBe("x");
  });

  it("GIVEN a link that a user planted in their directory THEN its target does not change", () => {
    expect(far.server.read("/etc/precious/a.pem")).toBe("precious");
    expect(readdirSync(at("/etc/precious"))).toEqual(["a.pem"]);
  });

  it.each([
    ["of 10 KB", longPath(10_000), /longer than 4,000 bytes/],
    ["with a newline", "/srv/a\nb", /holds a control character/],
  ])("GIVEN a path %s THEN the plan refuses it, and nothing is changed", async (_, path, message) => {
    const before = fileTree(far.server.root);
    declare("old", { refused: { host: "mx1", files: { [path]: { text: "x" } } } });
    const { exitCode, errors } = await workspace.apply();
    expect(exitCode).toBe(1);
    expect(errors.join()).toMatch(message);
    expect(fileTree(far.server.root)).toEqual(before);
  });

  it("WHEN the faults are fixed THEN the next apply does the rest", async () => {
    await mustRun(["chattr", "-i", at(domainPaths("immutable.test").certificate)]);
    await mustRun(["mount", "-o", "remount,rw", at("/read-only")]);
    rmSync(at("/full/fill"));
    far.server.behave();
    rmSync(at(domainPaths("directory.test").configuration), { recursive: true });
    declare("new", { directory: domainFiles("directory.test", pem("directory", "new")) });
    const { changes } = await workspace.mustApply();
    expect(changes).toMatchObject({
      "mailsni_host_files.immutable": "update",
      "mailsni_host_files.full": "update",
      "mailsni_host_files.read-only": "update",
      "mailsni_host_files.directory": "create",
    });
    expect(Object.keys(far.server.served).sort()).toEqual(["directory.test", "good.test", "immutable.test"]);
    expect(far.server.read(FULL)).toBe(pem("full", "new"));
  });
});
