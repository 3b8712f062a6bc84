import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Ledger } from "../../../lib/provider/host/record/ledger";
import { RenewalHost, type Row, STACK, TOKEN } from "../../on-host/renewal/support/renewal-host";

const A: Row = { names: ["a.test", "imap.a.test"] };
const B: Row = { names: ["b.test", "imap.b.test", "smtp.b.test"] };

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

describe("`renewal install`, and whose a path is", () => {
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
});
