import { mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RenewalHost, type Row, TOKEN } from "../../on-host/renewal/support/renewal-host";

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

describe("`renewal install`, where something is in the way", () => {
  it("GIVEN a configuration that was broken before THEN the files are in place and pending until it is valid", async () => {
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
});

it.each([
  [
    "a directory is there instead",
    (path: string) => {
      rmSync(path);
      mkdirSync(path);
      return "";
    },
    /a directory or a device is at \S*b\.test\.pem: remove it by hand/,
  ],
  [
    "the system refuses it",
    (path: string) =>
      `take_away() { [ "$1" != '${path}' ] || { echo 'mv: it is immutable'; return 1; }; mv -- "$1" "$2"; }\n`,
    /b\.test\.pem cannot be removed: .*The previous files were restored/,
  ],
])(
  "GIVEN a row that has left the table, and a file of it that cannot be removed, as %s, THEN each run says so until it is",
  async (_, plant, message) => {
    const [a] = await on.installed(A, B);
    const path = on.at(on.pathsOf("b.test").served);
    const prelude = plant(path);
    on.declare(A);
    for (let run = 0; run < 2; run++) {
      const { exitCode, output } = await on.run(["install"], { prelude });
      expect([exitCode, output]).toEqual([1, expect.stringMatching(message)]);
      expect(on.result()).toMatchObject({
        "a.test": { status: "ok" },
        "b.test": { status: "failed", notAfter: null, message: expect.stringMatching(message) },
      });
      expect(on.ledger().owner(path)?.token).toBe(TOKEN);
    }
    rmSync(path, { recursive: true });
    expect(await on.run(["install"])).toEqual({ exitCode: 0, output: "" });
    expect([Object.keys(on.result()), on.loaded("a.test"), on.ledger().owner(path)]).toEqual([
      ["a.test"],
      a,
      undefined,
    ]);
  },
);
