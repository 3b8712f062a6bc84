import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Ledger } from "../../../lib/provider/host/record/ledger";
import { findCommand } from "../../support/commands";
import { RenewalHost, type Row, STACK, TOKEN } from "./support/renewal-host";

const A: Row = { names: ["a.test", "imap.a.test"] };
const B: Row = { names: ["b.test", "imap.b.test", "smtp.b.test"] };
const C: Row = { names: ["example.co.uk", "smtp.example.co.uk"], alias: "shop" };

const SHELLS = [["dash"], ["bash"], ["bash", "--posix"], ["busybox", "sh"]] as const;

let on: RenewalHost;
beforeEach(() => {
  on = new RenewalHost();
});
afterEach(() => on.remove());

const ordered = (...rows: readonly Row[]) => on.ordered(...rows);
const installed = (...rows: readonly Row[]) => on.installed(...rows);

/** The ledger as the provider rewrites it. */
function compacted(text: string): string {
  const ledger = new Ledger();
  ledger.read(text + `host\tkey\t.\n`.repeat(4000));
  return ledger.compacted() ?? "";
}

describe.each(SHELLS.filter(([name]) => findCommand(name)).map((shell) => [shell.join(" "), shell] as const))(
  "`renewal install` with %s",
  (_, shell) => {
    it("GIVEN new certificates THEN each is in place and served, after one activation", async () => {
      const [a, b, c] = await ordered(A, B, C);
      expect(await on.run(["install"], { shell })).toEqual({ exitCode: 0, output: "" });
      expect(on.calls().filter((call) => call === "activate")).toHaveLength(1);
      expect([on.loaded("a.test"), on.loaded("smtp.b.test"), on.loaded("smtp.example.co.uk")]).toEqual([
        a,
        b,
        c,
      ]);
      expect(on.loaded("default")).toBe(a);
      expect(on.read("/var/filed/servercert.pem")).toBe(a);
      expect(on.read("/var/filed/imap.b.test/servercert.pem")).toBe(b);
      expect([on.mode("/etc/served/shop.pem"), on.mode("/var/filed/shop/servercert.pem")]).toEqual([
        "0600",
        "0640",
      ]);
      expect(on.leftovers()).toEqual([]);
      expect(on.result()).toMatchObject({ "a.test": { status: "ok" }, shop: { status: "ok" } });
    });

    it("GIVEN nothing new THEN it changes nothing, and asks no service", async () => {
      await ordered(A, B);
      await on.run(["install"], { shell });
      const before = [on.tree(), on.ledgerText(), readFileSync(join(on.work, "installed"), "utf8")];
      on.calls();
      expect(await on.run(["install"], { shell })).toEqual({ exitCode: 0, output: "" });
      expect([on.tree(), on.ledgerText(), readFileSync(join(on.work, "installed"), "utf8")]).toEqual(before);
      expect(on.calls()).toEqual([]);
    });

    it("GIVEN one that the server chokes on THEN it alone is put back, and the next run tries it again", async () => {
      const [, b] = await installed(A, B, C);
      const [a, , c] = await ordered(A, B, C);
      on.tell("chokes-on", "# 2");
      on.write(
        join(on.directory, "snippets/b.test.conf"),
        `serve ${B.names.join(" ")} ${on.at("/etc/served/b.test.pem")}\n# 2\n`,
      );
      const { exitCode } = await on.run(["install"], { shell });
      expect(exitCode).toBe(1);
      expect(on.result()).toMatchObject({
        "a.test": { status: "ok" },
        "b.test": { status: "failed" },
        shop: { status: "ok" },
      });
      expect(on.result()["b.test"]?.message).toMatch(
        /served could not be reloaded.*out of memory.* previous files were restored/,
      );
      expect([on.read("/etc/served/b.test.pem"), on.leftovers()]).toEqual([b, []]);
      on.untell("chokes-on");
      expect((await on.run(["install"], { shell })).exitCode).toBe(0);
      expect([on.loaded("a.test"), on.loaded("example.co.uk")]).toEqual([a, c]);
      expect(on.loaded("b.test")).not.toBe(b);
    });
  },
);

describe("`renewal install`", () => {
  it("GIVEN one renewed certificate THEN no other file is touched, and there is one activation", async () => {
    await installed(A, B, C);
    const inodes = () =>
      Object.fromEntries(Object.keys(on.tree()).map((path) => [path, lstatSync(on.at(path)).ino] as const));
    const before = inodes();
    const pem = await on.order(B);
    await on.run(["install"]);
    const changed = Object.entries(inodes()).filter(([path, inode]) => before[path] !== inode);
    expect(changed.map(([path]) => path).sort()).toEqual([
      on.pathsOf("b.test").served,
      on.pathsOf("b.test").filed,
    ]);
    // Which file is chosen for each of its names: nothing listens.
    expect(on.calls()).toEqual(["check", "running", "activate", "chosen", "chosen", "chosen"]);
    expect(on.loaded("imap.b.test")).toBe(pem);
  });

  it("GIVEN a row that has left the table THEN its files and claims go, and another's stay", async () => {
    await installed(A, B, C);
    on.declare(A, C);
    expect((await on.run(["install"])).exitCode).toBe(0);
    expect(Object.keys(on.tree()).filter((path) => path.includes("b.test"))).toEqual([]);
    expect(on.ledger().pathsOf(TOKEN).size).toBe(
      new Set(Object.keys(on.tree()).filter((path) => !path.endsWith("/"))).size,
    );
    expect([on.loaded("b.test"), on.calls().filter((call) => call === "activate").length]).toEqual([
      undefined,
      1,
    ]);
    expect(Object.keys(on.result())).toEqual(["a.test", "shop"]);
  });

  it("GIVEN a row in front of the default THEN the default is the new one's, once it has a certificate", async () => {
    const [a] = await installed(A, B);
    on.declare(C, A, B);
    expect((await on.run(["install"])).exitCode).toBe(0);
    expect(on.result().shop).toMatchObject({
      status: "pending",
      message: "dehydrated has no certificate for it yet",
    });
    expect([on.loaded("default"), on.read("/var/filed/servercert.pem")]).toEqual([a, a]);
    const c = await on.order(C);
    expect((await on.run(["install"])).exitCode).toBe(0);
    expect([on.loaded("default"), on.read("/var/filed/servercert.pem"), on.loaded("a.test")]).toEqual([
      c,
      c,
      a,
    ]);
  });

  it("GIVEN the last row removed THEN what is to be kept stays, without an owner", async () => {
    const [a] = await installed(A);
    on.declare();
    expect((await on.run(["install"])).exitCode).toBe(0);
    expect([on.read("/var/filed/servercert.pem"), on.read("/etc/served/default.pem")]).toEqual([a, a]);
    expect([...on.ledger().pathsOf(TOKEN)]).toEqual([on.program]);
    expect(on.has("/etc/served/a.test.pem")).toBe(false);
  });

  const HOUR = 3_600_000;
  it.each<[string, (row: Row) => Promise<unknown>, RegExp]>([
    [
      "an expired one",
      (row) =>
        on.order(row, { notBefore: new Date(Date.now() - 2 * HOUR), notAfter: new Date(Date.now() - HOUR) }),
      /expired/,
    ],
    [
      "one that is not valid yet",
      (row) =>
        on.order(row, { notBefore: new Date(Date.now() + HOUR), notAfter: new Date(Date.now() + 2 * HOUR) }),
      /not valid before/,
    ],
    [
      "one without one of the names",
      (row) => on.order({ ...row, names: ["b.test", "imap.b.test"] }),
      /not valid for: smtp\.b\.test/,
    ],
    [
      "one with another key",
      async (row) => on.putOrdered("b.test", (await keyOf(row)) ?? "", await chainOf(row)),
      /private key is not that/,
    ],
    ["garbage", async () => on.putOrdered("b.test", "garbage", "garbage"), /0 private keys/],
    ["an empty file", async () => on.putOrdered("b.test", "", ""), /0 private keys/],
    [
      "an encrypted key",
      async (row) =>
        on.putOrdered(
          "b.test",
          "-----BEGIN ENCRYPTED PRIVATE KEY-----\nx\n-----END ENCRYPTED PRIVATE KEY-----\n",
          await chainOf(row),
        ),
      /key is encrypted/,
    ],
    [
      "a file of a megabyte",
      async (row) => on.putOrdered("b.test", "x".repeat(1_000_000), await chainOf(row)),
      /larger than any/,
    ],
  ])(
    "GIVEN %s THEN it is refused before anything of it moves, and holds back no other",
    async (_, spoil, why) => {
      const [, b] = await installed(A, B);
      const a = await on.order(A);
      await spoil(B);
      const ended = await on.run(["install"]);
      expect(ended.exitCode).toBe(1);
      expect(on.result()["b.test"]).toMatchObject({ status: "failed", message: expect.stringMatching(why) });
      expect([on.loaded("a.test"), on.loaded("b.test"), on.read("/etc/served/b.test.pem")]).toEqual([
        a,
        b,
        b,
      ]);
      expect(`${ended.output}${readFileSync(join(on.work, "result"), "utf8")}`).not.toMatch(
        /BEGIN|[A-Za-z0-9+/]{65}/,
      );
    },
  );

  async function chainOf(row: Row): Promise<string> {
    await on.order(row);
    return readFileSync(join(on.work, "certs", row.names[0], "fullchain.pem"), "utf8");
  }

  async function keyOf(row: Row): Promise<string> {
    await on.order(row);
    return readFileSync(join(on.work, "certs", row.names[0], "privkey.pem"), "utf8");
  }

  it("GIVEN a path of another stack THEN that row fails and nothing of it moves; the others are installed", async () => {
    await ordered(A, B);
    const { served, filed } = on.pathsOf("b.test");
    on.write(on.at(served), "theirs");
    on.note(["claim", "other", "theirs", on.at(served)]);
    expect((await on.run(["install"])).exitCode).toBe(1);
    expect(on.result()["b.test"]?.message).toMatch(/the stack "other" wrote .*b\.test\.pem/);
    expect([on.read(served), on.has(filed), on.result()["a.test"]?.status]).toEqual(["theirs", false, "ok"]);
  });

  it("GIVEN a path of a forgotten sibling of the same state THEN the row takes it over", async () => {
    const [, b] = await ordered(A, B);
    const { served } = on.pathsOf("b.test");
    on.write(on.at(served), "theirs");
    const id = "0123456789abcdef";
    on.note(
      ["kept", id, STACK, "2026-01-01T00:00:00Z", "here"],
      ["member", id, TOKEN],
      ["member", id, "sibling"],
    );
    on.note(["claim", STACK, "sibling", on.at(served)]);
    expect((await on.run(["install"])).exitCode).toBe(0);
    expect([on.read(served), on.ledger().owner(on.at(served))?.token]).toEqual([b, TOKEN]);
  });

  it("GIVEN a record that was lost THEN a row that leaves the table goes all the same, and what is to be kept stays", async () => {
    const [a] = await installed(A, B);
    rmSync(join(on.work, "installed"));
    on.declare(A);
    expect((await on.run(["install"])).exitCode).toBe(0);
    expect(Object.keys(on.tree()).filter((path) => path.includes("b.test"))).toEqual([]);
    expect(on.loaded("b.test")).toBeUndefined();
    rmSync(join(on.work, "installed"));
    on.declare();
    expect((await on.run(["install"])).exitCode).toBe(0);
    expect([on.loaded("default"), on.read("/var/filed/servercert.pem")]).toEqual([a, a]);
    expect([...on.ledger().pathsOf(TOKEN)]).toEqual([on.program]);
  });

  it("GIVEN a default that another row has from now on THEN the ledger knows of which row it is, and what becomes of it", async () => {
    await installed(A, B);
    await ordered(B, A);
    expect((await on.run(["install"])).exitCode).toBe(0);
    const use = (path: string) => on.ledger().use(on.at(path));
    expect(use("/etc/served/default.pem")).toEqual({
      service: "served",
      part: "pem",
      fate: "keep",
      row: "b.test",
    });
    expect(use(on.pathsOf("a.test").served)).toMatchObject({ fate: "remove", row: "a.test" });
  });

  it("GIVEN a ledger in which a claim of its own was cut off before its use THEN the use is noted again", async () => {
    await installed(A, B);
    const { served } = on.pathsOf("b.test");
    on.note(["release", TOKEN, on.at(served)], ["claim", STACK, TOKEN, on.at(served)]);
    expect((await on.run(["install"])).exitCode).toBe(0);
    on.declare(A);
    expect((await on.run(["install"])).exitCode).toBe(0);
    expect(on.has(served)).toBe(false);
  });

  it.each([
    ["as it was", (text: string) => text],
    ["that was compacted", compacted],
  ])(
    "GIVEN a sibling with a path that it had, a lost record and a ledger %s THEN it never takes the path back",
    async (_, ledger) => {
      await installed(A, B);
      const { served } = on.pathsOf("b.test");
      on.note(["claim", STACK, "sibling", on.at(served)]);
      on.write(on.at(served), "theirs");
      writeFileSync(join(on.state, "ledger"), ledger(on.ledgerText()));
      for (let run = 1; run <= 2; run++) {
        rmSync(join(on.work, "installed"));
        await on.order(B);
        expect((await on.run(["install"])).exitCode).toBe(0);
        expect([on.read(served), on.ledger().owner(on.at(served))?.token]).toEqual(["theirs", "sibling"]);
      }
      // The next sibling has it from the first one. Then the row goes, and comes again when no other issuer has it.
      on.note(["claim", STACK, "another", on.at(served)]);
      expect((await on.run(["install"])).exitCode).toBe(0);
      expect(on.ledger().owner(on.at(served))?.token).toBe("another");
      on.declare(A);
      expect((await on.run(["install"])).exitCode).toBe(0);
      expect([on.read(served), on.ledger().passedBy(on.at(served))]).toEqual(["theirs", undefined]);
      on.declare(A, B);
      expect((await on.run(["install"])).exitCode).toBe(0);
      expect(on.ledger().owner(on.at(served))?.token).toBe(TOKEN);
    },
  );

  it("GIVEN a row that fails over a path of a forgotten sibling THEN the sibling has it again, and the next run takes it over", async () => {
    const [, b] = await ordered(A, B);
    const { served, snippet } = on.pathsOf("b.test");
    on.write(on.at(served), "theirs");
    on.note(["claim", STACK, "sibling", on.at(served)]);
    on.write(join(on.directory, "snippets/b.test.conf"), "nonsense\n");
    expect((await on.run(["install"])).exitCode).toBe(1);
    expect([on.read(served), on.ledger().owner(on.at(served))?.token]).toEqual(["theirs", "sibling"]);
    on.declare(A, B);
    expect((await on.run(["install"])).exitCode).toBe(0);
    expect([on.read(served), on.has(snippet)]).toEqual([b, true]);
  });

  it("GIVEN a path that a sibling has taken over from it THEN it stays the sibling's, also when the row goes", async () => {
    await installed(A, B);
    const { served } = on.pathsOf("b.test");
    on.note(["claim", STACK, "sibling", on.at(served)]);
    on.write(on.at(served), "theirs");
    expect((await on.run(["install"])).exitCode).toBe(0);
    expect([on.read(served), on.result()["b.test"]?.message]).toEqual([
      "theirs",
      expect.stringMatching(/belongs to another resource/),
    ]);
    on.declare(A);
    expect((await on.run(["install"])).exitCode).toBe(0);
    expect([on.read(served), on.has(on.pathsOf("b.test").filed)]).toEqual(["theirs", false]);
  });

  it("GIVEN no claim on the program itself THEN nothing is installed, and the result says what to do", async () => {
    await ordered(A);
    writeFileSync(join(on.state, "ledger"), "mail-sni-ledger\t1\t.\n");
    expect((await on.run(["install"])).exitCode).toBe(1);
    expect(on.result()["a.test"]).toMatchObject({
      status: "failed",
      message: expect.stringMatching(/apply the stack first/),
    });
    expect(on.has("/etc/served/a.test.pem")).toBe(false);
  });

  it.each([
    ["cut off", "claim\tmail\tcut"],
    ["made of zeros", "\0\0\0\0"],
  ])("GIVEN a last line of the ledger that was %s THEN its claims begin on a new one", async (_, line) => {
    await ordered(A);
    writeFileSync(join(on.state, "ledger"), line, { flag: "a" });
    expect((await on.run(["install"])).exitCode).toBe(0);
    expect(on.ledger().owner(on.at("/etc/served/a.test.pem"))?.token).toBe(TOKEN);
  });

  it("GIVEN a service that does not run THEN the files are in place, and nothing is pending", async () => {
    const [a] = await ordered(A);
    on.tell("stopped");
    const { output } = await on.run(["install"]);
    expect(output).toMatch(/served is not running/);
    expect([on.read("/etc/served/a.test.pem"), on.ledger().pendingActivations]).toEqual([a, []]);
  });

  it("GIVEN a configuration that was broken before THEN the files are in place and pending until it is mended", async () => {
    const [a] = await ordered(A);
    on.write(on.at("/etc/served/served.conf"), `nonsense\ninclude ${on.root}/etc/served/conf.d/*.conf\n`);
    expect((await on.run(["install"])).exitCode).toBe(0);
    expect(on.result()["a.test"]).toMatchObject({
      status: "pending",
      message: expect.stringMatching(/as it did before/),
    });
    expect([on.read("/etc/served/a.test.pem"), on.ledger().pendingActivations.length]).toEqual([a, 1]);
    on.write(on.at("/etc/served/served.conf"), `include ${on.root}/etc/served/conf.d/*.conf\n`);
    expect((await on.run(["install"])).exitCode).toBe(0);
    expect([on.loaded("a.test"), on.ledger().pendingActivations, on.result()["a.test"]?.status]).toEqual([
      a,
      [],
      "ok",
    ]);
  });

  it("GIVEN a new configuration that the server refuses THEN its row alone is put back", async () => {
    const [a] = await ordered(A, B);
    on.write(join(on.directory, "snippets/b.test.conf"), "nonsense\n");
    expect((await on.run(["install"])).exitCode).toBe(1);
    expect(on.result()["b.test"]?.message).toMatch(/refuses the new configuration: syntax error: nonsense/);
    expect([
      on.loaded("a.test"),
      on.has("/etc/served/b.test.pem"),
      on.has("/var/filed/b.test/servercert.pem"),
    ]).toEqual([a, false, false]);
    expect(on.ledger().owner(on.at("/etc/served/b.test.pem"))).toBeUndefined();
    expect([on.ledger().pendingActivations, on.leftovers()]).toEqual([[], []]);
  });

  it("GIVEN a previous version that could not be put back THEN it stays where the message says, after the next run too", async () => {
    const [, b] = await installed(A, B);
    await on.order(B);
    on.tell("chokes-on", "# 2");
    on.write(
      join(on.directory, "snippets/b.test.conf"),
      `serve ${B.names.join(" ")} ${on.at("/etc/served/b.test.pem")}\n# 2\n`,
    );
    const prelude =
      'mv() { case "$*" in *mail-sni-old\\ ./b.test.pem) echo "mv: Read-only file system"; return 1 ;; esac; command mv "$@"; }\n';
    expect((await on.run(["install"], { prelude })).exitCode).toBe(1);
    const previous = /its previous version is (\S+):/.exec(
      on.result()["b.test"]?.message ?? "",
    )?.[1] as string;
    expect(readFileSync(previous, "utf8")).toBe(b);
    on.untell("chokes-on");
    await on.run(["install"]);
    expect(readFileSync(previous, "utf8")).toBe(b);
    expect(on.ledger().unfinished).toEqual([]);
  });

  it("GIVEN temporary files that cannot be removed THEN the next run removes them", async () => {
    await installed(A);
    const pem = await on.order(A);
    expect((await on.run(["install"], { prelude: "discard() { return 1; }\n" })).exitCode).toBe(0);
    expect(on.loaded("a.test")).toBe(pem);
    expect(on.ledger().unfinished).toContain(on.at("/etc/served/a.test.pem"));
    await on.order(A);
    expect((await on.run(["install"])).exitCode).toBe(0);
    expect([on.leftovers(), on.ledger().unfinished]).toEqual([[], []]);
  });

  it("GIVEN a directory in the way THEN that row fails, and says what to move", async () => {
    await ordered(A, B, C);
    mkdirSync(on.at("/etc/served/b.test.pem"), { recursive: true });
    expect((await on.run(["install"])).exitCode).toBe(1);
    const result = on.result();
    expect(result["b.test"]?.message).toMatch(/a directory is at .*b\.test\.pem: move it away/);
    expect([result["a.test"]?.status, result.shop?.status]).toEqual(["ok", "ok"]);
  });

  /** What the article makes: `ln -s d smtp.d`. */
  function linkDirectory(from: string, to: string): void {
    on.write(on.at(`/var/filed/${to}/servercert.pem`), "of the article");
    symlinkSync(to, on.at(`/var/filed/${from}`));
  }

  it("GIVEN a directory that is a link to another one THEN it is a directory afterwards, and the result says so", async () => {
    const [, b] = await ordered(A, B);
    linkDirectory("smtp.b.test", "b.test");
    expect((await on.run(["install"])).exitCode).toBe(0);
    expect(on.result()["b.test"]).toMatchObject({
      status: "ok",
      message: expect.stringMatching(/smtp\.b\.test was a link to a directory, and is a directory now/),
    });
    expect([
      on.tree()["/var/filed/smtp.b.test/servercert.pem"],
      on.read("/var/filed/b.test/servercert.pem"),
    ]).toEqual(["-> ../b.test/servercert.pem", b]);
    expect([on.leftovers(), on.ledger().unfinished]).toEqual([[], []]);
    on.declare(A);
    expect((await on.run(["install"])).exitCode).toBe(0);
    expect(on.has("/var/filed/smtp.b.test")).toBe(false);
  });

  it("GIVEN that row fails THEN the link is back, and the ledger knows of no directory", async () => {
    await ordered(A, B);
    linkDirectory("smtp.b.test", "b.test");
    const before = on.tree();
    on.write(join(on.directory, "snippets/b.test.conf"), "nonsense\n");
    expect((await on.run(["install"])).exitCode).toBe(1);
    const path = "/var/filed/smtp.b.test";
    expect([on.tree()[path], on.read("/var/filed/b.test/servercert.pem")]).toEqual([
      before[path],
      "of the article",
    ]);
    expect([on.ledger().madeDirectory(on.at(path)), on.leftovers(), on.ledger().unfinished]).toEqual([
      false,
      [],
      [],
    ]);
    on.declare(A, B);
    expect((await on.run(["install"])).exitCode).toBe(0);
  });

  it("GIVEN a table that is no table THEN nothing runs, and it says which line", async () => {
    on.declare(A);
    for (const line of [
      "pem\ta.test\tfiled\t0640\t-\t-\tremove\t../x",
      "row\t-rf\ta.test",
      "row\t../a\ta.test",
      "nonsense",
      "pem\tz.test\tfiled\t0640\t-\t-\tremove\t/x",
    ]) {
      on.write(join(on.directory, "table"), `${on.tableOf([A])}${line}\n`);
      const { exitCode, output } = await on.run(["install"]);
      expect([exitCode, output]).toEqual([1, expect.stringMatching(/table: line \d+: (no |.* is not a )/)]);
    }
    expect(existsSync(on.work)).toBe(false);
  });

  it("GIVEN variables of its own in the environment THEN no key gets into the environment of a command", async () => {
    const [a] = await ordered(A);
    const seen = join(on.temporary, "environment");
    on.services = on.services.map((line) =>
      line.startsWith("activate\t")
        ? [
            "activate",
            "served",
            "sh",
            "-c",
            `env >'${seen}'; exec "$@"`,
            "sh",
            ...on.command("activate"),
          ].join("\t")
        : line,
    );
    on.declare(A);
    await on.run(["install"], {
      env: { pem: "x", key: "x", text: "x", contents: "x", words: "x", said: "x", file: "x" },
    });
    expect(readFileSync(seen, "utf8")).not.toMatch(/BEGIN/);
    expect(on.loaded("a.test")).toBe(a);
  });
});
