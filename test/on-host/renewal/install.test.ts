import { existsSync, lstatSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { installScenarios } from "./support/install-scenarios";
import { RenewalHost, type Row, STACK, TOKEN } from "./support/renewal-host";

const A: Row = { names: ["a.test", "imap.a.test"] };
const B: Row = { names: ["b.test", "imap.b.test", "smtp.b.test"] };
const C: Row = { names: ["example.co.uk", "smtp.example.co.uk"], alias: "shop" };

let on: RenewalHost;
beforeEach(() => {
  on = new RenewalHost();
});
afterEach(() => on.remove());

const ordered = (...rows: readonly Row[]) => on.ordered(...rows);
const installed = (...rows: readonly Row[]) => on.installed(...rows);

installScenarios("dash");

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

  describe("of a certificate that cannot be used", () => {
    // One host for all: nothing of such a certificate moves.
    let host: RenewalHost;
    let b: string;
    beforeAll(async () => {
      host = new RenewalHost();
      [, b = ""] = await host.installed(A, B);
    });
    afterAll(() => host.remove());

    const HOUR = 3_600_000;
    it.each<[string, (row: Row) => Promise<unknown>, RegExp]>([
      [
        "an expired one",
        (row) =>
          host.order(row, {
            notBefore: new Date(Date.now() - 2 * HOUR),
            notAfter: new Date(Date.now() - HOUR),
          }),
        /expired/,
      ],
      [
        "one that is not valid yet",
        (row) =>
          host.order(row, {
            notBefore: new Date(Date.now() + HOUR),
            notAfter: new Date(Date.now() + 2 * HOUR),
          }),
        /not valid before/,
      ],
      [
        "one without one of the names",
        (row) => host.order({ ...row, names: ["b.test", "imap.b.test"] }),
        /not valid for: smtp\.b\.test/,
      ],
      [
        "one with another key",
        async (row) => host.putOrdered("b.test", (await keyOf(row)) ?? "", await chainOf(row)),
        /private key is not that/,
      ],
      ["garbage", async () => host.putOrdered("b.test", "garbage", "garbage"), /0 private keys/],
      ["an empty file", async () => host.putOrdered("b.test", "", ""), /0 private keys/],
      [
        "an encrypted key",
        async (row) =>
          host.putOrdered(
            "b.test",
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nx\n-----END ENCRYPTED PRIVATE KEY-----\n",
            await chainOf(row),
          ),
        /key is encrypted/,
      ],
      [
        "a file of a megabyte",
        async (row) => host.putOrdered("b.test", "x".repeat(1_000_000), await chainOf(row)),
        /larger than any/,
      ],
    ])(
      "GIVEN %s THEN it is refused before anything of it moves, and holds back no other",
      async (_, spoil, why) => {
        const a = await host.order(A);
        await spoil(B);
        const ended = await host.run(["install"]);
        expect(ended.exitCode).toBe(1);
        expect(host.result()["b.test"]).toMatchObject({
          status: "failed",
          message: expect.stringMatching(why),
        });
        expect([host.loaded("a.test"), host.loaded("b.test"), host.read("/etc/served/b.test.pem")]).toEqual([
          a,
          b,
          b,
        ]);
        expect(`${ended.output}${readFileSync(join(host.work, "result"), "utf8")}`).not.toMatch(
          /BEGIN|[A-Za-z0-9+/]{65}/,
        );
      },
    );

    async function chainOf(row: Row): Promise<string> {
      await host.order(row);
      return readFileSync(join(host.work, "certs", row.names[0], "fullchain.pem"), "utf8");
    }

    async function keyOf(row: Row): Promise<string> {
      await host.order(row);
      return readFileSync(join(host.work, "certs", row.names[0], "privkey.pem"), "utf8");
    }
  });

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
