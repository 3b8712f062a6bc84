import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RenewalHost, type Row } from "../../on-host/renewal/support/renewal-host";

let on: RenewalHost;
beforeEach(() => {
  on = new RenewalHost();
});
afterEach(() => on.remove());

const ordered = (...rows: readonly Row[]) => on.ordered(...rows);
const installed = (...rows: readonly Row[]) => on.installed(...rows);

describe("`renewal install` of more rows than the lock is held for", () => {
  const ROWS = ["a", "b", "c", "d", "e", "f"].map(
    (name): Row => ({ names: [`${name}.test`, `imap.${name}.test`] }),
  );
  const names = ROWS.map(({ names: [name] }) => name);
  const statuses = () => names.map((name) => on.result()[name]?.status);

  it("THEN they are installed in batches, each with one activation, and the lock is free between them", async () => {
    const pems = await ordered(...ROWS);
    const seen = join(on.temporary, "seen");
    const prelude = `most_rows=2\nsleep() { flock -n '${on.state}/lock' echo free >>'${seen}'; }\n`;
    expect(await on.run(["install"], { prelude })).toEqual({ exitCode: 0, output: "" });
    expect(names.map((name) => on.loaded(name))).toEqual(pems);
    expect(on.calls().filter((call) => call === "activate")).toHaveLength(3);
    expect(readFileSync(seen, "utf8")).toBe("free\nfree\n");
    expect([on.leftovers(), on.ledger().pendingActivations, on.ledger().unfinished]).toEqual([[], [], []]);
    expect(statuses()).toEqual(names.map(() => "ok"));
    expect(await on.run(["install"])).toEqual({ exitCode: 0, output: "" });
    expect(on.calls()).toEqual([]);
  });

  it("GIVEN rows that go THEN they go with the first batch", async () => {
    await installed(...ROWS.slice(0, 2));
    await ordered(...ROWS.slice(2));
    const order = join(on.temporary, "order");
    const prelude = `most_rows=2\nsleep() { ls '${on.at("/etc/served/conf.d")}' >'${order}'; }\n`;
    expect((await on.run(["install"], { prelude })).exitCode).toBe(0);
    expect(readFileSync(order, "utf8")).not.toMatch(/^[ab]\./m);
    expect(names.map((name) => on.has(on.pathsOf(name).served))).toEqual([
      false,
      false,
      true,
      true,
      true,
      true,
    ]);
  });

  it.each<[string, readonly Row[]]>([
    ["that goes", []],
    ["that stays", [{ names: ["a.test"] }, { names: ["b.test"] }]],
  ])(
    "GIVEN names that a row takes over from others, %s THEN they are served throughout",
    async (_, givers) => {
      await installed(...ROWS);
      const taker: Row = { names: ["f.test", "imap.f.test", "imap.a.test", "imap.b.test"] };
      const others = ["g", "h", "i", "j"].map((name): Row => ({ names: [`${name}.test`] }));
      await ordered(...givers, ...others, ...ROWS.slice(2, 5), taker);
      const seen = join(on.temporary, "seen");
      const servers = `grep -l 'imap[.]a[.]test' '${on.at("/etc/served/conf.d")}'/* | sed 's,.*/,,'`;
      const prelude = `most_rows=2\nsleep() { ${servers} >>'${seen}'; echo . >>'${seen}'; }\n`;
      expect(await on.run(["install"], { prelude })).toEqual({ exitCode: 0, output: "" });
      const taken = basename(on.pathsOf("f.test").snippet);
      const between = readFileSync(seen, "utf8").split(".\n").slice(0, -1);
      expect(between.length).toBeGreaterThan(1);
      expect(new Set(between.map((name) => name.trim()))).toEqual(new Set([taken]));
      expect(on.has(on.pathsOf("b.test").served)).toBe(givers.length > 0);
    },
  );

  it("GIVEN one that the server chokes on, and no time to try rows apart THEN smaller batches find it, and the others are installed", async () => {
    const pems = await ordered(...ROWS);
    on.tell("chokes-on", "serve d.test");
    const { exitCode } = await on.run(["install"], { prelude: "halving_seconds=-1\nsleep() { :; }\n" });
    expect([exitCode, statuses()]).toEqual([1, names.map((name) => (name === "d.test" ? "failed" : "ok"))]);
    expect(on.result()["d.test"]?.message).toMatch(
      /served could not be reloaded: .*previous files were restored$/,
    );
    expect(names.map((name) => on.loaded(name))).toEqual(
      pems.map((pem, index) => (index === 3 ? undefined : pem)),
    );
    expect([on.leftovers(), on.ledger().pendingActivations, on.ledger().unfinished]).toEqual([[], [], []]);
    expect(on.ledger().owner(on.at(on.pathsOf("d.test").filed))).toBeUndefined();
  });

  it("GIVEN a run whose time is up THEN what it did not reach is pending, is as it was, and is installed by the next one", async () => {
    const [a] = await installed(...ROWS.slice(0, 1));
    const pems = await ordered(...ROWS);
    const { exitCode, output } = await on.run(["install"], { prelude: "most_rows=2 install_seconds=-1\n" });
    expect([exitCode, statuses()]).toEqual([0, ["ok", "ok", "pending", "pending", "pending", "pending"]]);
    expect(output).toMatch(
      /f\.test: pending: it was not installed yet: there was no more time\. The next run tries again/,
    );
    expect(on.loaded("a.test")).not.toBe(a);
    expect([on.loaded("c.test"), on.has(on.pathsOf("c.test").filed)]).toEqual([undefined, false]);
    expect(on.ledger().owner(on.at(on.pathsOf("c.test").filed))).toBeUndefined();
    expect((await on.run(["install"])).exitCode).toBe(0);
    expect(names.map((name) => on.loaded(name))).toEqual(pems);
  });

  it("GIVEN a server that refuses everything, and no time THEN all are pending with its words, and it has the old ones", async () => {
    const old = await installed(...ROWS);
    for (const row of ROWS) await on.order(row);
    on.tell("chokes-on", "serve");
    const prelude = "halving_seconds=-1 install_seconds=-1\n";
    expect((await on.run(["install"], { prelude })).exitCode).toBe(0);
    expect(statuses()).toEqual(names.map(() => "pending"));
    expect(on.result()["c.test"]?.message).toMatch(
      /not installed yet: served could not be reloaded.*\. The next run tries again$/,
    );
    expect(names.map((name) => on.loaded(name))).toEqual(old);
    expect(names.map((name) => on.read(on.pathsOf(name).served))).toEqual(old);
    on.untell("chokes-on");
    expect((await on.run(["install"])).exitCode).toBe(0);
    expect(statuses()).toEqual(names.map(() => "ok"));
  });

  it("GIVEN a service for which there is no more time THEN its rows are left as they were for all services", async () => {
    await ordered(...ROWS.slice(0, 2));
    const prelude = `service_seconds=-1 install_seconds=-1\n`;
    expect((await on.run(["install"], { prelude })).exitCode).toBe(0);
    expect(on.result()["a.test"]?.message).toMatch(/there was no more time for served/);
    expect([on.has(on.pathsOf("a.test").served), on.has(on.pathsOf("a.test").filed)]).toEqual([false, false]);
  });

  it("GIVEN a ledger that cannot be written from the second batch on THEN what is done stays done, and the rest is pending", async () => {
    await ordered(...ROWS.slice(0, 4));
    const prelude = `most_rows=2\nsleep() { note() { return 1; }; }\n`;
    expect((await on.run(["install"], { prelude })).exitCode).toBe(0);
    expect(statuses()).toEqual(["ok", "ok", "pending", "pending", undefined, undefined]);
    expect(on.result()["c.test"]?.message).toMatch(/ledger cannot be written/);
    expect((await on.run(["install"])).exitCode).toBe(0);
  });
});
