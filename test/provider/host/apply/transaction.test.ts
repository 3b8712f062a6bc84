import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Change } from "../../../../lib/provider/host/desired/change";
import { withoutCommands } from "../../../../lib/provider/host/desired/host-settings";
import type { Host } from "../../../../lib/provider/host/host";
import { root as asRoot, describeIf } from "../../../support/requirements";
import {
  type CertificateOptions,
  certificate,
  change,
  link,
  pathsOf,
  pem,
  removal,
  text,
  withoutCertificate,
} from "../support/changes";
import { SHELLS, ShellTransport } from "../support/shells";
import { TestHost } from "../support/test-host";

let on: TestHost;
let host: Host;
beforeEach(() => {
  on = new TestHost();
  host = on.open();
});
afterEach(() => on.remove());

const INCLUDING = {
  file: "/etc/late/main",
  include: "include {path}",
  position: "last",
} as const;
const FINE = { errors: [], warnings: [], pending: null, facts: expect.any(Map) };

async function done(...changes: Change[]): Promise<void> {
  const results = await Promise.all(changes.map((each) => host.change(each)));
  expect(results).toEqual(changes.map(() => FINE));
}

describe.each(SHELLS.map((shell) => [shell[0], shell] as const))("a host with %s", (_, shell) => {
  it("WHEN a certificate is created, renewed and deleted THEN its files, and no others, are created, replaced and removed", async () => {
    host = on.open({ transport: new ShellTransport(shell) });
    on.write("/etc/served/conf.d/foreign.conf", "");
    const before = on.tree();
    const options = { aliases: ["imap.a.test", "smtp.a.test"] };
    const { filed, served, snippet } = pathsOf("a.test");

    await done(certificate("a.test", "old", options));
    expect(on.tree()).toEqual({
      ...before,
      [filed]: "old",
      [served]: "old",
      [snippet]: `serve a.test imap.a.test smtp.a.test ${served}\n`,
      "/etc/served/pem/": "0755",
      "/var/": "0755",
      "/var/filed/": "0755",
      "/var/filed/a.test/": "0755",
      "/var/filed/imap.a.test/": "0755",
      "/var/filed/imap.a.test/servercert.pem": "-> ../a.test/servercert.pem",
      "/var/filed/smtp.a.test/": "0755",
      "/var/filed/smtp.a.test/servercert.pem": "-> ../a.test/servercert.pem",
      "/var/lib/": "0755",
    });
    expect([on.mode(filed), on.mode(served), on.mode(snippet)]).toEqual(["0640", "0600", "0644"]);
    expect(on.loaded("smtp.a.test")).toBe("old");

    await done(certificate("a.test", "new", { kind: "update", ...options }));
    expect([on.read(filed), on.read(served), on.loaded("a.test")]).toEqual(["new", "new", "new"]);

    await done(withoutCertificate("a.test", options));
    expect(on.tree()).toEqual({ ...before, "/var/": "0755", "/var/lib/": "0755" });
    expect(on.loaded("a.test")).toBeUndefined();
  });
});

describe("files", () => {
  it("GIVEN hostile paths and contents THEN they are written unchanged", async () => {
    const name = fc.constantFrom(
      "it's",
      "a b",
      "-rf",
      "$(id)",
      "`id`",
      'q"q',
      "back\\slash",
      "ä…",
      "${x}",
      "*",
      "~",
      "a;b",
      "%s%n",
    );
    const contents = fc.oneof(
      fc.string({ unit: "binary" }).map((any) => any.replaceAll("\0", "")),
      fc.constantFrom(
        "",
        "\n",
        "no final newline",
        "CR LF\r\n\r\n",
        "'",
        "\\",
        "\x1e0\n",
        "${x} %{y} $(id)\n",
        "ä".repeat(70_000),
      ),
    );
    const file = fc.record({
      name,
      directory: name,
      contents,
      mode: fc.constantFrom("0600", "0644", "0640", "0755", "4755", "0000"),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(file, {
          selector: (each) => `${each.directory}/${each.name}`,
          minLength: 1,
          maxLength: 4,
        }),
        async (files) => {
          host = on.open();
          const wanted = files.map((each) =>
            pem(`/srv/${each.directory}/${each.name}`, each.contents, { mode: each.mode }),
          );
          const links = wanted.map(({ path }, index) =>
            link(`/srv/links/${index}'s`, `..${path.slice("/srv".length)}`),
          );
          await done(change({ kind: "update", files: wanted, links }));
          for (const { path, contents: expected, mode } of wanted) {
            expect(on.read(path)).toBe(expected);
            expect(on.mode(path)).toBe(mode);
          }
          for (const { path, target } of links) expect(on.tree()[path]).toBe(`-> ${target}`);
          await done(
            change({ kind: "delete", removals: [...wanted, ...links].map(({ path }) => removal(path)) }),
          );
          expect(on.has("/srv")).toBe(false);
        },
      ),
      { numRuns: 15 },
    );
  });

  it("GIVEN any umask THEN files have their declared modes, and directories 0755", async () => {
    for (const umask of [0o077, 0o000, 0o777]) {
      const before = process.umask(umask);
      try {
        await done(
          change({
            kind: "update",
            token: `${umask}`,
            files: [text(`/u${umask}/file`, "x", { mode: "0664" })],
          }),
        );
      } finally {
        process.umask(before);
      }
      expect([on.mode(`/u${umask}/file`), on.mode(`/u${umask}`)]).toEqual(["0664", "0755"]);
    }
  });

  it("GIVEN an identical file that no resource owns THEN it is claimed without a swap, and a deletion removes it", async () => {
    on.write("/etc/file", "same", 0o600);
    const inode = on.inode("/etc/file");
    await done(change({ files: [pem("/etc/file", "same")] }));
    expect(on.inode("/etc/file")).toBe(inode);
    expect(on.ledger().owner("/etc/file")).toEqual({ stack: "stack", token: "token" });
    await done(change({ kind: "delete", removals: [removal("/etc/file")] }));
    expect(on.has("/etc/file")).toBe(false);
  });

  it("GIVEN identical files of a certificate WHEN no activation is pending THEN the service is not activated", async () => {
    const { filed, served, snippet } = pathsOf("a.test");
    on.write(filed, "pem", 0o640);
    on.write(served, "pem", 0o600);
    on.write(snippet, `serve a.test ${served}\n`, 0o644);
    await done(certificate("a.test", "pem"));
    expect(on.calls()).toEqual([]);
  });

  it("GIVEN a different file or link that no resource owns THEN it is replaced with a warning", async () => {
    on.write("/etc/file", "theirs", 0o644);
    on.link("/etc/link", "elsewhere");
    const wanted = change({ files: [pem("/etc/file", "ours")], links: [link("/etc/link", "file")] });
    const { errors, warnings } = await host.change(wanted);
    expect(errors).toEqual([]);
    expect(warnings.map(({ summary, path }) => [summary, path])).toEqual([
      ["/etc/file existed already and was replaced", "/etc/file"],
      ["/etc/link existed already and was replaced", "/etc/link"],
    ]);
    expect([on.read("/etc/file"), on.tree()["/etc/link"]]).toEqual(["ours", "-> file"]);
    expect((await host.change({ ...wanted, kind: "update" })).warnings).toEqual([]);
  });

  it("GIVEN a link in place of a file, and a file in place of a link, THEN both are replaced as declared", async () => {
    const wanted = change({ kind: "update", files: [pem("/d/file", "x")], links: [link("/d/link", "file")] });
    await done(wanted);
    unlinkSync(on.at("/d/file"));
    on.link("/d/file", "/etc/passwd");
    unlinkSync(on.at("/d/link"));
    on.write("/d/link", "a file");
    await done(wanted);
    expect(on.tree()).toMatchObject({ "/d/file": "x", "/d/link": "-> file" });
  });

  it("WHEN only the mode differs THEN the file is replaced, and the old inode keeps its mode", async () => {
    await done(change({ files: [pem("/file", "key", { mode: "0644" })] }));
    const held = `${on.root}-held`;
    linkSync(on.at("/file"), held);
    await done(change({ kind: "update", files: [pem("/file", "key", { mode: "0600" })] }));
    expect(on.mode("/file")).toBe("0600");
    expect(lstatSync(held).mode & 0o777).toBe(0o644);
    unlinkSync(held);
  });

  it("WHEN an update no longer declares paths THEN they are removed; one with `keep` stays and is released", async () => {
    await done(change({ files: [pem("/d/a", "a"), pem("/d/b", "b"), pem("/d/c", "c")] }));
    await done(
      change({
        kind: "update",
        files: [pem("/d/a", "a")],
        removals: [removal("/d/b"), removal("/d/c", { keep: true })],
      }),
    );
    expect([on.has("/d/b"), on.read("/d/c")]).toEqual([false, "c"]);
    expect(on.ledger().owner("/d/c")).toBeUndefined();
  });

  it("GIVEN a link or a directory in place of a file WHEN it is deleted THEN the link is removed and the directory stays", async () => {
    await done(change({ files: [pem("/d/a", "a"), pem("/d/b", "b")] }));
    unlinkSync(on.at("/d/a"));
    on.link("/d/a", "/etc/passwd");
    unlinkSync(on.at("/d/b"));
    on.write("/d/b/precious", "");
    await done(change({ kind: "delete", removals: [removal("/d/a"), removal("/d/b")] }));
    expect(on.tree()).toMatchObject({ "/d/b/precious": "" });
    expect(on.has("/d/a")).toBe(false);
  });

  it("GIVEN a file that cannot be checked WHEN it is deleted THEN that fails, and the ledger keeps its owner", async () => {
    await done(change({ files: [pem("/d/key", "x"), pem("/e/key", "y")] }));
    renameSync(on.at("/d"), on.at("/aside"));
    on.link("/d", "d");
    const gone = change({ kind: "delete", removals: [removal("/d/key"), removal("/e/key")] });
    const { errors } = await host.change(gone);
    expect(errors).toMatchObject([{ summary: "/d/key cannot be removed", path: "/d/key" }]);
    expect(errors[0]?.detail).toContain("Too many levels of symbolic links");
    expect(on.ledger().owner("/d/key")).toBeDefined();
    // WHEN the directory is restored
    rmSync(on.at("/d"));
    renameSync(on.at("/aside"), on.at("/d"));
    await done(gone);
    expect([on.has("/d/key"), on.has("/e/key"), on.ledger().owner("/d/key")]).toEqual([
      false,
      false,
      undefined,
    ]);
  });

  it("GIVEN a file that is missing WHEN it is deleted THEN that succeeds, and its claim is released", async () => {
    await done(change({ files: [pem("/d/a", "a")] }));
    rmSync(on.at("/d"), { recursive: true });
    await done(change({ kind: "delete", removals: [removal("/d/a")] }));
    expect(on.ledger().owner("/d/a")).toBeUndefined();
  });
});

describe("directories", () => {
  const directory = (path: string, mode = "0755") => ({ path, mode, owner: null, group: null });

  it("GIVEN a declared directory THEN it is created with its mode, and an update restores the mode", async () => {
    const wanted = change({ kind: "update", directories: [directory("/d/e", "0710")] });
    await done(wanted);
    expect(on.mode("/d/e")).toBe("0710");
    chmodSync(on.at("/d/e"), 0o777);
    await done(wanted);
    expect([on.mode("/d/e"), on.mode("/d")]).toEqual(["0710", "0755"]);
  });

  it("WHEN the last file is deleted THEN empty directories that the provider made are removed; declared and foreign ones stay", async () => {
    mkdirSync(on.at("/theirs"), { recursive: true });
    await done(
      change({ token: "base", directories: [directory("/base/declared")] }),
      change({
        token: "t",
        files: [
          pem("/ours/deep/a", ""),
          pem("/theirs/a", ""),
          pem("/base/declared/a", ""),
          pem("/full/a", ""),
        ],
      }),
    );
    on.write("/full/foreign", "");
    await done(
      change({
        kind: "delete",
        token: "t",
        removals: ["/ours/deep/a", "/theirs/a", "/base/declared/a", "/full/a"].map((path) => removal(path)),
      }),
    );
    expect(Object.keys(on.tree()).filter((path) => !/^\/(etc|var)\//.test(path))).toEqual([
      "/base/",
      "/base/declared/",
      "/full/",
      "/full/foreign",
      "/theirs/",
    ]);
    await done(change({ kind: "delete", token: "base", removals: [removal("/base/declared")] }));
    expect(on.has("/base")).toBe(false);
  });

  it("GIVEN the mode of a directory that the provider made was restricted THEN an update restores it", async () => {
    const wanted = change({ kind: "update", files: [pem("/d/a", "a")] });
    await done(wanted);
    chmodSync(on.at("/d"), 0o700);
    await done(wanted);
    expect(on.mode("/d")).toBe("0755");
  });

  it("GIVEN a link in place of a declared directory THEN the change is refused, and the link stays", async () => {
    on.write("/elsewhere/precious", "");
    on.link("/d", "elsewhere");
    const { errors } = await host.change(change({ directories: [directory("/d")] }));
    expect(errors[0]?.detail).toContain("a link has this name, but a directory is required");
    expect(on.tree()).toMatchObject({ "/d": "-> elsewhere" });
  });
});

describe("additional names of a certificate", () => {
  it.each([
    ["one name", ["smtp.a.test"]],
    ["several names", ["smtp.a.test", "imap.a.test", "pop3.a.test", "mail.a.test", "sieve.a.test"]],
  ])("GIVEN %s more THEN the new PEM is swapped in before the links for these names", async (_, aliases) => {
    await host.change(certificate("a.test", "old"));
    const file = on.at(pathsOf("a.test").filed);
    const watch = (verb: string) =>
      `${verb}() { command ${verb} "$@"; s=$?; for l in '${on.at("/var/filed")}'/*/servercert.pem; do ` +
      `[ ! -L "$l" ] || [ "$(cat '${file}')" = new ] || echo early >>'${on.control}/early'; done; return $s; }\n`;
    host = on.open({ transport: new ShellTransport(["sh"], ["mv", "ln", "tar"].map(watch).join("")) });
    const update = certificate("a.test", "new", { kind: "update", aliases });
    expect((await host.change(update)).errors).toEqual([]);
    expect(aliases.map((alias) => on.read(pathsOf(alias).filed))).toEqual(aliases.map(() => "new"));
    expect(readdirSync(on.control)).not.toContain("early");
  });
});

describe("a directory that is a link", () => {
  const aliases = ["smtp.a.test"];
  const alias = pathsOf("smtp.a.test").filed;

  beforeEach(() => {
    on.write(pathsOf("a.test").filed, "theirs", 0o640);
    on.link("/var/filed/smtp.a.test", "a.test");
  });

  it("WHEN it is replaced THEN there is a warning, and the new directory contains the declared link", async () => {
    const { errors, warnings } = await host.change(certificate("a.test", "ours", { aliases }));
    expect(errors).toEqual([]);
    expect(warnings.map(({ summary }) => summary)).toEqual([
      `${pathsOf("a.test").filed} existed already and was replaced`,
      "/var/filed/smtp.a.test was a link to a directory",
    ]);
    expect(on.tree()).toMatchObject({
      [pathsOf("a.test").filed]: "ours",
      "/var/filed/smtp.a.test/": "0755",
      [alias]: "-> ../a.test/servercert.pem",
    });
    expect(on.leftovers()).toEqual([]);
  });

  it("WHEN it is replaced THEN the name has a certificate at each moment", async () => {
    // After each `mv`, checks that the directory contains the file.
    const watch = `mv() { command mv "$@"; s=$?; [ ! -d '${on.at("/var/filed/smtp.a.test")}' ] || [ -s '${on.at(alias)}' ] || echo missing >>'${on.control}/missing'; return $s; }\n`;
    host = on.open({ transport: new ShellTransport(["sh"], watch) });
    expect((await host.change(certificate("a.test", "ours", { aliases }))).errors).toEqual([]);
    expect(readdirSync(on.control)).not.toContain("missing");
  });

  it("WHEN the create fails THEN the link and its target are restored", async () => {
    const before = on.tree();
    const { errors } = await host.change(
      certificate("a.test", "ours", { aliases, configuration: "broken\n" }),
    );
    expect(errors).toHaveLength(1);
    expect(on.tree()).toEqual({ ...before, "/var/lib/": "0755" });
  });

  it("WHEN the create fails THEN the ledger does not list the link as a directory that the provider made", async () => {
    await host.change(certificate("a.test", "ours", { aliases, configuration: "broken\n" }));
    expect(on.ledger().madeDirectory("/var/filed/smtp.a.test")).toBe(false);
  });

  it("WHEN the certificate is deleted THEN the directory is removed too, unless it contains a foreign file", async () => {
    on.link("/var/filed/imap.a.test", "a.test");
    const both = [...aliases, "imap.a.test"];
    await host.change(certificate("a.test", "ours", { aliases: both }));
    on.write("/var/filed/imap.a.test/notes", "theirs");
    expect((await host.change(withoutCertificate("a.test", { aliases: both }))).errors).toEqual([]);
    const left = Object.keys(on.tree()).filter((path) => path.startsWith("/var/filed/"));
    expect(left).toEqual(expect.arrayContaining(["/var/filed/imap.a.test/notes"]));
    expect(left.filter((path) => path.includes("smtp"))).toEqual([]);
  });

  it("GIVEN a dangling link THEN it is replaced by a directory too", async () => {
    unlinkSync(on.at("/var/filed/smtp.a.test"));
    on.link("/var/filed/smtp.a.test", "nowhere");
    expect((await host.change(certificate("a.test", "ours", { aliases }))).errors).toEqual([]);
    expect(on.tree()[alias]).toBe("-> ../a.test/servercert.pem");
  });
});

describe("ownership", () => {
  const both = (token: string, contents: string) => change({ token, files: [pem("/etc/file", contents)] });
  const gone = (token: string) => change({ kind: "delete", token, removals: [removal("/etc/file")] });

  it("GIVEN a path moves to another resource WHEN the new one is created before the old one is deleted THEN the file stays", async () => {
    await done(both("old", "old"));
    const inode = on.inode("/etc/file");
    await done(both("new", "old"));
    expect(on.inode("/etc/file")).toBe(inode);
    await done(gone("old"));
    expect(on.read("/etc/file")).toBe("old");
    expect(on.ledger().owner("/etc/file")?.token).toBe("new");
  });

  it("WHEN the old resource is deleted before the new one is created THEN the create warns that the file was missing", async () => {
    await done(both("old", "old"));
    await done(gone("old"));
    const { errors, warnings } = await host.change(both("new", "new"));
    expect(errors).toEqual([]);
    expect(warnings.map(({ summary }) => summary)).toEqual(["/etc/file was missing for a moment"]);
    expect((await host.change({ ...both("new", "newer"), kind: "update" })).warnings).toEqual([]);
  });

  it.each([
    ["create first", [both("new", "new"), gone("old")]],
    ["delete first", [gone("old"), both("new", "new")]],
  ])("WHEN both are in one batch, %s, THEN the new resource owns the replaced file", async (_, changes) => {
    await done(both("old", "old"));
    await done(...changes);
    expect(on.read("/etc/file")).toBe("new");
    expect(on.ledger().owner("/etc/file")?.token).toBe("new");
  });

  it("WHEN an update claims the paths of another resource and fails for one service THEN the other resource keeps all its claims", async () => {
    await done(certificate("a.test", "old", { token: "other" }));
    const full = `stage() { case $1 in */filed/*) echo 'disk full'; return 1;; esac; (umask "$2"; printf '%s' "$3" >"$1"); }\n`;
    host = on.open({ transport: new ShellTransport(["sh"], full) });
    const { errors } = await host.change(certificate("a.test", "new", { kind: "update" }));
    const { filed, served, snippet } = pathsOf("a.test");
    expect(errors.map(({ summary }) => summary)).toEqual([`${filed} cannot be written`]);
    expect([filed, served].map((path) => on.read(path))).toEqual(["old", "old"]);
    expect([filed, served, snippet].map((path) => on.ledger().owner(path)?.token)).toEqual([
      "other",
      "other",
      "other",
    ]);
  });

  it.each(["comes first", "comes last"])(
    "WHEN the create of the new owner fails, which %s in the batch, THEN the file stays without an owner",
    async (order) => {
      await done(certificate("a.test", "old"));
      const changes = [
        certificate("a.test", "new", { token: "new", configuration: "broken\n" }),
        withoutCertificate("a.test"),
      ];
      if (order === "comes last") changes.reverse();
      const results = await Promise.all(changes.map((each) => host.change(each)));
      expect(results.map(({ errors }) => errors.length).sort()).toEqual([0, 1]);
      const { served } = pathsOf("a.test");
      expect(on.read(served)).toBe("old");
      expect(on.ledger().owner(served)).toBeUndefined();
    },
  );

  it("GIVEN a path of another stack THEN the change is refused, the message names the stack, and no file changes", async () => {
    await done(change({ stack: "first", files: [pem("/etc/file", "first")] }));
    const { errors } = await host.change(
      change({ stack: "second", token: "t2", files: [pem("/etc/other", "x"), pem("/etc/file", "second")] }),
    );
    expect(errors).toEqual([
      expect.objectContaining({ summary: "/etc/file belongs to another stack", path: "/etc/file" }),
    ]);
    expect(errors[0]?.detail).toContain('the stack "first"');
    expect([on.read("/etc/file"), on.has("/etc/other")]).toEqual(["first", false]);
    expect(on.ledger().owner("/etc/other")).toBeUndefined();
  });

  it("GIVEN the ledger with its claim was lost WHEN the resource is deleted THEN the file stays", async () => {
    await done(both("old", "x"));
    rmSync(on.ledgerPath);
    host = on.open();
    await done(gone("old"));
    expect(on.read("/etc/file")).toBe("x");
  });
});

describe("a create that fails", () => {
  const broken = (options: CertificateOptions = {}) =>
    certificate("a.test", "new", { configuration: "broken\n", ...options });

  it("THEN files, directories, claims and pending activations are as before", async () => {
    const before = on.tree();
    const { errors } = await host.change(broken({ aliases: ["imap.a.test"] }));
    expect(errors).toHaveLength(1);
    expect(on.tree()).toEqual({ ...before, "/var/": "0755", "/var/lib/": "0755" });
    expect([...on.ledger().pathsOf("a.test")]).toEqual([]);
    expect([on.ledger().pendingActivations, on.ledger().unfinished]).toEqual([[], []]);
  });

  it("GIVEN an existing file and a file of another resource THEN contents, modes and owners are restored", async () => {
    const { filed, served, snippet } = pathsOf("a.test");
    on.write(filed, "adopted", 0o604);
    await done(change({ token: "other", files: [pem(served, "others")] }));
    const inode = on.inode(filed);
    const { errors } = await host.change(broken());
    expect(errors).toHaveLength(1);
    expect([on.read(filed), on.mode(filed), on.inode(filed)]).toEqual(["adopted", "0604", inode]);
    expect([on.read(served), on.has(snippet)]).toEqual(["others", false]);
    expect(on.ledger().owner(served)?.token).toBe("other");
    expect(on.ledger().owner(filed)).toBeUndefined();
  });

  it("GIVEN it has changed the mode of a declared directory THEN the mode is restored", async () => {
    mkdirSync(on.at("/d"), { mode: 0o711, recursive: true });
    const failing = { ...broken(), directories: [{ path: "/d", mode: "0755", owner: null, group: null }] };
    expect((await host.change(failing)).errors).toHaveLength(1);
    expect(on.mode("/d")).toBe("0711");
  });

  it("GIVEN another service already has the new files THEN its files are removed, and it is activated again", async () => {
    await on.remove();
    on = new TestHost();
    const refusing = ["sh", "-c", '! grep -qs late "$1$2"', "sh", on.root, "{candidate}"];
    const late = { ...withoutCommands("late"), check: refusing, config: INCLUDING };
    const services = new Map([...on.settings.services, ["late", late]]);
    host = on.open({ settings: { services } });
    const both = certificate("a.test", "new");
    const { errors } = await host.change({
      ...both,
      files: [...both.files, text("/etc/late.conf", "x", { service: "late" })],
    });
    expect(errors.map(({ summary }) => summary)).toEqual(["late refuses the configuration"]);
    expect(on.has(pathsOf("a.test").served)).toBe(false);
    expect(on.loaded("a.test")).toBeUndefined();
    expect(on.ledger().pendingActivations).toEqual([]);
  });
});

describe("an update that fails", () => {
  it("THEN only the failed service has its old files, and the other service has the new ones", async () => {
    await done(certificate("a.test", "old"));
    const { errors } = await host.change(
      certificate("a.test", "new", { kind: "update", configuration: "broken\n" }),
    );
    expect(errors).toHaveLength(1);
    const { filed, served, snippet } = pathsOf("a.test");
    expect([on.read(filed), on.read(served)]).toEqual(["new", "old"]);
    expect(on.read(snippet)).not.toContain("broken");
    expect([on.ledger().pendingActivations, on.leftovers()]).toEqual([[], []]);
    expect(on.ledger().owner(served)?.token).toBe("a.test");
  });
});

describe("an obstacle for one change", () => {
  const good = certificate("good.test", "good");

  /** Expects that the bad change fails with the message, and that the good one of the same batch succeeds. */
  async function onlyFails(bad: Change, message: RegExp): Promise<void> {
    const before = on.tree();
    const [failed, fine] = await Promise.all([host.change(bad), host.change(good)]);
    expect(failed.errors).toHaveLength(1);
    expect(failed.errors.map(({ summary, detail }) => `${summary}\n${detail}`).join()).toMatch(message);
    expect(fine).toEqual(FINE);
    expect(on.loaded("good.test")).toBe("good");
    expect(on.leftovers()).toEqual([]);
    expect(on.tree()).toMatchObject(before);
    expect([...on.ledger().pathsOf(bad.token)]).toEqual([]);
  }

  it("GIVEN a directory at the path of a file THEN only that change fails", async () => {
    on.write(`${pathsOf("a.test").served}/x`, "");
    await onlyFails(
      certificate("a.test", "x"),
      /a\.test\.pem cannot be written\nOn host "[^"]+": a directory has this name/,
    );
  });

  it("GIVEN a file at the path of a directory THEN only that change fails", async () => {
    on.write("/var/filed/a.test", "a file");
    await onlyFails(
      certificate("a.test", "x"),
      /\/var\/filed\/a\.test is a file, but a directory is required/,
    );
  });

  it("GIVEN a dangling link at the path of a directory THEN only that change fails", async () => {
    on.link("/d", "nowhere");
    await onlyFails(change({ token: "bad", files: [pem("/d/file", "x")] }), /\/d\/file cannot be written/);
  });

  it("GIVEN a path that is longer than the system allows THEN only that change fails", async () => {
    const path = `${`/${"x".repeat(250)}`.repeat(16)}/${"y".repeat(255)}`;
    await onlyFails(change({ token: "bad", files: [pem(path, "x")] }), /File name too long/);
  });

  it("GIVEN a NUL character in the contents THEN only that change fails", async () => {
    await onlyFails(change({ token: "bad", files: [pem("/file", "a\0b")] }), /NUL character/);
  });

  it("GIVEN a group that the host does not have THEN only that change fails", async () => {
    await onlyFails(
      change({ token: "bad", files: [pem("/file", "x", { group: "no-such-group" })] }),
      /invalid group.*no-such-group.*Create the user or group on the host/s,
    );
  });

  it("GIVEN a pipe at the path of a file THEN only that change fails, and the pipe is not read", async () => {
    on.write("/d/x", "");
    execFileSync("mkfifo", [on.at("/d/file")]);
    const [failed, fine] = await Promise.all([
      host.change(change({ token: "bad", files: [pem("/d/file", "x")] })),
      host.change(good),
    ]);
    expect(failed.errors[0]?.detail).toContain("a device, a socket or a pipe");
    expect(fine).toEqual(FINE);
  });
});

describeIf(asRoot, "what only root can do", () => {
  it("GIVEN owners and groups by name or number THEN they are set, and an update restores them", async () => {
    const wanted = change({
      kind: "update",
      directories: [{ path: "/d", mode: "0750", owner: "mail", group: "mail" }],
      files: [
        pem("/d/named", "x", { mode: "0640", owner: "daemon", group: "mail" }),
        pem("/d/numbered", "x", { owner: "4711", group: "4712", mode: "6755" }),
        pem("/d/group", "x", { group: "mail" }),
      ],
    });
    await done(wanted);
    const ids = (path: string) => [statSync(on.at(path)).uid, statSync(on.at(path)).gid];
    const { uid: daemon } = { uid: 1 };
    const mail = 8;
    expect(["/d", "/d/named", "/d/numbered", "/d/group"].map(ids)).toEqual([
      [mail, mail],
      [daemon, mail],
      [4711, 4712],
      [0, mail],
    ]);
    expect([on.mode("/d/named"), on.mode("/d/numbered")]).toEqual(["0640", "6755"]);
    chownSync(on.at("/d/named"), 0, 0);
    chownSync(on.at("/d"), 0, 0);
    await done(wanted);
    expect(["/d", "/d/named"].map(ids)).toEqual([
      [mail, mail],
      [daemon, mail],
    ]);
  });

  it("GIVEN `applyOwnership` is false THEN owners are not set, and no service is activated", async () => {
    await on.remove();
    on = new TestHost({ applyOwnership: false });
    host = on.open();
    const { served } = pathsOf("a.test");
    const wanted = certificate("a.test", "x");
    await done({
      ...wanted,
      files: wanted.files.map((file) => ({ ...file, owner: "nobody-there", group: "mail" })),
    });
    expect(statSync(on.at(served)).gid).toBe(0);
    expect(on.calls()).toEqual([]);
    expect(on.ledger().pendingActivations).toEqual([]);
  });

  it("GIVEN another user has planted links at the names of temporary files THEN they are not followed", async () => {
    const victim = on.at("/victim");
    on.write("/victim", "precious", 0o644);
    mkdirSync(on.at("/theirs"), { recursive: true });
    chownSync(on.at("/theirs"), 65534, 65534);
    symlinkSync(victim, on.at("/theirs/.file.mail-sni-new"));
    symlinkSync(victim, on.at("/theirs/.file.mail-sni-old"));
    mkdirSync(on.at("/theirs/.link.mail-sni-new"));
    writeFileSync(on.at("/theirs/file"), "theirs");
    const wanted = change({
      kind: "update",
      files: [pem("/theirs/file", "key", { owner: "root", group: "root" })],
      links: [link("/theirs/link", "file")],
    });
    const { errors } = await host.change(wanted);
    expect(errors).toEqual([]);
    expect([on.read("/victim"), on.mode("/victim")]).toEqual(["precious", "0644"]);
    expect(on.tree()).toMatchObject({ "/theirs/file": "key", "/theirs/link": "-> file" });
    expect(on.mode("/theirs/file")).toBe("0600");
  });

  it("GIVEN a link is planted between the removal and the writing of a temporary file THEN it is not followed", async () => {
    on.write("/victim", "precious");
    mkdirSync(on.at("/theirs"));
    const plant = `printf() { ln -s '${on.at("/victim")}' '${on.at("/theirs/.file.mail-sni-new")}' 2>/dev/null; command printf "$@"; }\n`;
    const umask = `umask() { ln -sf '${on.at("/victim")}' '${on.at("/theirs/.file.mail-sni-new")}'; command umask "$@"; }\n`;
    host = on.open({ transport: new ShellTransport(["bash"], plant + umask) });
    const { errors } = await host.change(change({ files: [pem("/theirs/file", "key")] }));
    expect(errors).toHaveLength(1);
    expect(on.read("/victim")).toBe("precious");
  });
});
