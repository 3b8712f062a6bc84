import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Call } from "../../../lib/shared/transport/session";
import { SHELLS, ShellTransport, withSession } from "../../provider/host/support/shells";
import { root as asRoot, describeIf, setfacl } from "../../support/requirements";

/** Debian's `nobody`. */
const OTHER = 65_534;

let top: string;
/** Another user's: what is in it can be exchanged at any time. */
let theirs: string;
/** Where a link of theirs leads. */
let secret: string;
let before: Record<string, string>;

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), "mail-sni-others-"));
  chmodSync(top, 0o755);
  theirs = join(top, "theirs");
  secret = join(top, "secret");
  mkdirSync(theirs, { mode: 0o755 });
  mkdirSync(join(secret, "below"), { recursive: true, mode: 0o700 });
  for (const name of ["key", ".key.mail-sni-new", ".key.mail-sni-old"]) {
    writeFileSync(join(secret, name), `the secret ${name}`, { mode: 0o600 });
  }
  symlinkSync(secret, join(theirs, "sub"));
  writeFileSync(join(top, "ours"), "ours", { mode: 0o600 });
  for (const path of [theirs, join(theirs, "sub")]) execFileSync("chown", ["-h", String(OTHER), path]);
  before = treeOf(secret);
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

/** Modes, owners and contents of all that is there. */
function treeOf(directory: string): Record<string, string> {
  const found: Record<string, string> = {};
  const describe = (path: string) => {
    const { mode, uid, gid } = lstatSync(path);
    return `${mode.toString(8)} ${uid}:${gid}`;
  };
  found["."] = describe(directory);
  for (const name of readdirSync(directory, { recursive: true }) as string[]) {
    const path = join(directory, name);
    found[name] = lstatSync(path).isFile()
      ? `${describe(path)} ${readFileSync(path, "utf8")}`
      : describe(path);
  }
  return found;
}

const SHELL_NAMES = SHELLS.map((shell) => [shell[0], shell] as const);

describeIf(asRoot, "a directory of another user", () => {
  it.each(SHELL_NAMES)(
    "GIVEN it is exchanged for a link THEN no verb follows it, by %s",
    async (_, shell) => {
      const sub = join(theirs, "sub");
      const key = join(sub, "key");
      const staged = join(sub, ".key.mail-sni-new");
      const previous = join(sub, ".key.mail-sni-old");
      const calls: Call[] = [
        ["set_directory_mode", "0755", sub],
        ["set_directory_mode", "0755", join(sub, "below")],
        ["own_directory", `${OTHER}:${OTHER}`, sub],
        ["make_directories", join(sub, "made")],
        ["make_directories", join(sub, "below", "made")],
        ["remove_directories", join(sub, "below")],
        ["stage_link", staged, "elsewhere"],
        ["link_in", join(sub, "link"), "elsewhere"],
        ["place", sub, "no", top, "ours"],
        ["swap_in", staged, key, previous],
        ["take_away", key, previous],
        ["put_back", key, previous, staged],
        ["put_link_back", key, previous, staged],
        ["replace_link", key, previous, staged, "x"],
        ["clear_leftovers", key, staged, previous],
        ["discard", staged, previous],
        ["publish", key, staged, "x"],
        ["publish", join(sub, ".well-known", "acme-challenge", "token"), join(sub, ".well-known", "x"), "x"],
      ];
      await withSession(async (session) => {
        for (const call of calls) {
          const { status, output } = await session.call(...call);
          expect([call, treeOf(secret)]).toEqual([call, before]);
          if (call[0] === "remove_directories") continue;
          expect([call, status]).not.toEqual([call, 0]);
          expect([call, output]).toEqual([
            call,
            expect.stringContaining(`${sub} is a link that another user`),
          ]);
        }
      }, new ShellTransport(shell));
    },
  );

  it.each(SHELL_NAMES)(
    "GIVEN names that are links, or pipes, at the last moment THEN nothing is written through them, by %s",
    async (_, shell) => {
      const victim = join(secret, "key");
      await withSession(async (session) => {
        for (const kind of ["link", "link to a directory", "pipe"]) {
          const plant = (name: string) => {
            const path = join(theirs, name);
            rmSync(path, { force: true });
            if (kind === "pipe") execFileSync("mkfifo", [path]);
            else symlinkSync(kind === "link" ? victim : secret, path);
            execFileSync("chown", ["-h", String(OTHER), path]);
          };
          plant("ours");
          expect(await session.call("place", theirs, "no", top, "ours")).toEqual({ status: 0, output: "" });
          expect(lstatSync(join(theirs, "ours")).isFile()).toBe(true);
          plant(".token.mail-sni-new");
          plant("token");
          const published = await session.call(
            "publish",
            join(theirs, "token"),
            join(theirs, ".token.mail-sni-new"),
            "a token",
          );
          expect(published).toEqual({ status: 0, output: "" });
          expect(readFileSync(join(theirs, "token"), "utf8")).toBe("a token");
          expect(lstatSync(join(theirs, "token")).mode & 0o7777).toBe(0o644);
          plant(".k.mail-sni-old");
          writeFileSync(join(theirs, "k"), "old");
          writeFileSync(join(theirs, ".k.mail-sni-new"), "new");
          const previous = join(theirs, ".k.mail-sni-old");
          const swapped = await session.call(
            "swap_in",
            join(theirs, ".k.mail-sni-new"),
            join(theirs, "k"),
            previous,
          );
          expect(swapped).toEqual({ status: 0, output: "" });
          expect(readFileSync(previous, "utf8")).toBe("old");
          plant("text");
          const { output } = await session.call("fetch", join(theirs, "text"));
          expect(Buffer.from(output, "base64").toString("utf8")).not.toContain("secret");
          expect(treeOf(secret)).toEqual(before);
        }
      }, new ShellTransport(shell));
    },
  );

  it.each(SHELL_NAMES)(
    "GIVEN a link to a directory that appears where a copy is about to be made THEN nothing is written behind it, by %s",
    async (_, shell) => {
      const path = (name: string) => join(theirs, name);
      writeFileSync(path("key"), "old");
      writeFileSync(path(".key.mail-sni-new"), "new");
      // A user who is quick enough makes a name just before `ln` would, which then fails, so that `cp` is tried.
      const planted = `ln() { for last do :; done; command ln -sT '${secret}' "$last"; return 1; }\n`;
      const calls: Call[] = [
        ["swap_in", path(".key.mail-sni-new"), path("key"), path(".key.mail-sni-old")],
        ["put_back", path("key"), path(".key.mail-sni-old"), path(".key.mail-sni-new")],
      ];
      await withSession(async (session) => {
        for (const call of calls) expect([call, (await session.call(...call)).status]).toEqual([call, 0]);
      }, new ShellTransport(shell, planted));
      expect(treeOf(secret)).toEqual(before);
      expect(readFileSync(path("key"), "utf8")).toBe("old");
      expect(readFileSync(path(".key.mail-sni-new"), "utf8")).toBe("new");
    },
  );

  it.each(SHELL_NAMES)(
    "GIVEN a file that becomes a pipe behind the look THEN its hash is not waited for, by %s",
    async (_, shell) => {
      const file = join(theirs, "file");
      writeFileSync(file, "");
      // What is between the look and the hash, where only a very quick user could do it.
      const planted = `timeout() { rm -f '${file}'; mkfifo '${file}'; command timeout 1 sha256sum -- '${file}'; }\n`;
      const { output } = await withSession(
        (session) => session.call("facts", "1000", file),
        new ShellTransport(shell, planted),
      );
      expect(output).toMatch(/timed out$/m);
    },
  );

  it.each(SHELL_NAMES)(
    "GIVEN a directory that is what it should be THEN verbs do in it what they are for, by %s",
    async (_, shell) => {
      rmSync(join(theirs, "sub"));
      const sub = join(theirs, "sub");
      const key = join(sub, "key");
      const staged = join(sub, ".key.mail-sni-new");
      const previous = join(sub, ".key.mail-sni-old");
      await withSession(async (session) => {
        const done = async (...call: Call) =>
          expect([call, await session.call(...call)]).toEqual([call, { status: 0, output: "" }]);
        await done("make_directories", sub, join(sub, "a"), join(sub, "b c"), join(sub, "a", "d"));
        await done("own_directory", `${OTHER}:${OTHER}`, sub);
        await done("set_directory_mode", "0750", sub);
        expect(lstatSync(sub)).toMatchObject({ uid: OTHER, gid: OTHER });
        expect(lstatSync(sub).mode & 0o7777).toBe(0o750);
        await done("open_staging", top, "2");
        await done("stage", join(top, "staged", "1", ".key.mail-sni-new"), "077", "one");
        await done("place", sub, "no", join(top, "staged", "1"), ".key.mail-sni-new");
        await done("close_staging", top);
        expect(lstatSync(staged)).toMatchObject({ uid: 0, gid: 0 });
        await done("swap_in", staged, key, previous);
        await done("discard", staged, previous);
        expect(readdirSync(sub).sort()).toEqual(["a", "b c", "key"]);
        expect(lstatSync(key).mode & 0o7777).toBe(0o600);
        await done("take_away", key, previous);
        await done("put_back", key, previous, "");
        await done("clear_leftovers", key, staged, previous);
        expect(readFileSync(key, "utf8")).toBe("one");
        await done("discard", key, join(sub, "never"), join(top, "never", "there"));
        const gone = await session.call(
          "remove_directories",
          join(sub, "a", "d"),
          join(sub, "a"),
          join(sub, "b c"),
          sub,
        );
        expect(gone.output.trim().split("\n")).toHaveLength(4);
        expect(existsSync(sub)).toBe(false);
        expect((await session.call("pwd")).output.trim()).toBe(process.cwd());
      }, new ShellTransport(shell));
    },
  );

  it.each(SHELL_NAMES)(
    "GIVEN a link that root has made in a directory of root's THEN it is followed; in another user's it is not, by %s",
    async (_, shell) => {
      const real = join(top, "real", "deep");
      mkdirSync(real, { recursive: true });
      symlinkSync("real", join(top, "layout"));
      symlinkSync("../layout/deep/", join(top, "real", "again"));
      symlinkSync("loop", join(top, "loop"));
      symlinkSync(real, join(theirs, "by-root"));
      await withSession(async (session) => {
        for (const way of [
          join(top, "layout", "deep"),
          join(top, "layout", "again"),
          join(top, "real", "again"),
        ]) {
          expect(await session.call("link_in", join(way, "link"), "x")).toEqual({ status: 0, output: "" });
          expect(await session.call("discard", join(way, "link"))).toEqual({ status: 0, output: "" });
        }
        const refused = await session.call("link_in", join(theirs, "by-root", "link"), "x");
        expect(refused.output).toContain(`${join(theirs, "by-root")} is a link that another user`);
        expect((await session.call("link_in", join(top, "loop", "link"), "x")).output).toMatch(
          /symbolic links|No such file/,
        );
        expect((await session.call("link_in", join(top, "missing", "link"), "x")).output).toContain(
          "No such file or directory",
        );
        expect((await session.call("link_in", join(top, "ours", "link"), "x")).output).toContain(
          "Not a directory",
        );
      }, new ShellTransport(shell));
      expect(readdirSync(real)).toEqual([]);
    },
  );
});

describeIf([asRoot, setfacl], "an ACL of a directory", () => {
  const aclOf = (path: string) => execFileSync("getfacl", ["-cp", "--", path], { encoding: "utf8" });
  const asOther = (path: string) =>
    execFileSync(
      "setpriv",
      [
        "--reuid",
        String(OTHER),
        "--regid",
        String(OTHER),
        "--clear-groups",
        "sh",
        "-c",
        'cat "$1" 2>&1 || true',
        "sh",
        path,
      ],
      { encoding: "utf8" },
    );

  it.each([
    ["0600", "177"],
    ["0640", "137"],
  ])("GIVEN a default one, and a key with mode %s THEN it opens it to no other user", async (mode, umask) => {
    const open = join(top, "open");
    mkdirSync(open);
    execFileSync("setfacl", ["-m", `d:u:${OTHER}:rwx,d:g::rwx,d:o::rx`, open]);
    await withSession(async (session) => {
      const done = async (...call: Call) =>
        expect([call, await session.call(...call)]).toEqual([call, { status: 0, output: "" }]);
      await done("open_staging", top, "1");
      await done("stage", join(top, "staged", "0", "key"), umask, "a key");
      await done("place", open, "yes", join(top, "staged", "0"), "key");
      await done("make_directories", join(open, "made"));
    });
    expect(aclOf(join(open, "key"))).not.toContain("user:nobody");
    expect((lstatSync(join(open, "key")).mode & 0o7777).toString(8).padStart(4, "0")).toBe(mode);
    expect(asOther(join(open, "key"))).toContain("Permission denied");
    expect(aclOf(join(open, "made"))).toMatch(/user:nobody:rwx\s+#effective:r-x/);
  });

  it("GIVEN a link of root's in a directory in which an ACL lets another user replace it THEN it is not followed", async () => {
    const [real, way] = [join(top, "real"), join(top, "way")];
    mkdirSync(real);
    symlinkSync("real", way);
    execFileSync("setfacl", ["-m", `u:${OTHER}:rwx`, top]);
    await withSession(async (session) => {
      expect((await session.call("link_in", join(way, "link"), "x")).output).toContain(
        `${way} is a link that another user`,
      );
    });
    expect(readdirSync(real)).toEqual([]);
  });

  it("GIVEN files whose group is that of the directory THEN they have it, and no ACL", async () => {
    const shared = join(top, "shared");
    mkdirSync(shared);
    chownSync(shared, 0, OTHER);
    chmodSync(shared, 0o2755);
    execFileSync("setfacl", ["-m", "d:u:daemon:rwx", shared]);
    await withSession((session) => session.call("place", shared, "yes", top, "ours"));
    expect(lstatSync(join(shared, "ours"))).toMatchObject({ uid: 0, gid: OTHER });
    expect(aclOf(join(shared, "ours"))).not.toContain("daemon");
  });
});
