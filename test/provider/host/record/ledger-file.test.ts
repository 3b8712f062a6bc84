import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LedgerFile, LedgerUnusable } from "../../../../lib/provider/host/record/ledger-file";
import type { LedgerEntry } from "../../../../lib/provider/host/record/ledger-line";
import { MOST_LEDGER_BYTES } from "../../../../lib/shared/transport/ledger-size";
import type { Session } from "../../../../lib/shared/transport/session";
import { SHELLS, ShellTransport, withSession } from "../support/shells";
import { TestHost } from "../support/test-host";

let host: TestHost;
beforeEach(() => {
  host = new TestHost();
  mkdirSync(dirname(host.ledgerPath), { recursive: true });
});
afterEach(() => host.remove());

const claim = (path: string): LedgerEntry => ["claim", "stack", "token", path];

async function catchUp(file: LedgerFile, session: Session): Promise<number> {
  const answer = await session.call(...file.question());
  file.catchUp(answer);
  return answer.output.length;
}

describe.each(SHELLS.map((shell) => [shell[0], shell] as const))("a ledger's file, by %s", (_, shell) => {
  it("GIVEN what another process appends THEN only that is asked for, however often", () =>
    withSession(async (session) => {
      const [ours, theirs] = [new LedgerFile(host.settings), new LedgerFile(host.settings)];
      ours.note(Array.from({ length: 500 }, (_, index) => claim(`/${index}`)));
      await ours.flush(session);
      const all = await catchUp(theirs, session);
      expect(theirs.ledger.owner("/499")).toEqual({ stack: "stack", token: "token" });
      ours.note([claim("/new")]);
      await ours.flush(session);
      const news = await catchUp(theirs, session);
      expect(theirs.ledger.owner("/new")).toBeDefined();
      expect(news).toBeLessThan(all / 50);
      expect(await catchUp(theirs, session)).toBeLessThan(50);
      expect(await catchUp(ours, session)).toBeLessThan(50);
    }, new ShellTransport(shell)));

  it("GIVEN questions that are asked before the first is answered, and another process appends THEN each answer is taken", () =>
    withSession(async (session) => {
      const [ours, theirs] = [new LedgerFile(host.settings), new LedgerFile(host.settings)];
      ours.note([claim("/a")]);
      await ours.flush(session);
      const first = session.call(...theirs.question());
      ours.note([claim("/b")]);
      const appended = ours.flush(session);
      const others = [session.call(...theirs.question()), session.call(...theirs.question())];
      await appended;
      for (const answer of [await first, ...(await Promise.all(others))]) theirs.catchUp(answer);
      expect(["/a", "/b"].map((path) => theirs.ledger.owner(path)?.token)).toEqual(["token", "token"]);
      expect(await catchUp(theirs, session)).toBeLessThan(50);
    }, new ShellTransport(shell)));

  it("GIVEN a pipe in its place THEN no read hangs on it", () =>
    withSession(async (session) => {
      execFileSync("mkfifo", [host.ledgerPath]);
      await expect(catchUp(new LedgerFile(host.settings), session)).rejects.toThrow(
        `${host.ledgerPath} cannot be read: it is not a file`,
      );
    }, new ShellTransport(shell)));

  it("GIVEN more than a ledger ever has THEN it is not sent, and its size is said", () =>
    withSession(async (session) => {
      writeFileSync(host.ledgerPath, "");
      truncateSync(host.ledgerPath, MOST_LEDGER_BYTES + 1);
      await expect(catchUp(new LedgerFile(host.settings), session)).rejects.toThrow(
        `it has ${MOST_LEDGER_BYTES + 1} bytes`,
      );
    }, new ShellTransport(shell)));
});

describe("a ledger's file", () => {
  it("GIVEN no file THEN the ledger is empty, and the first entry makes it", () =>
    withSession(async (session) => {
      const file = new LedgerFile(host.settings);
      await catchUp(file, session);
      expect(file.ledger.isNew).toBe(true);
      file.note([claim("/a")]);
      await file.flush(session);
      expect(readFileSync(host.ledgerPath, "utf8")).toBe(
        "mail-sni-ledger\t1\t.\nclaim\tstack\ttoken\t/a\t.\n",
      );
    }));

  it("GIVEN another file under its name, or a shorter one, THEN what was known is forgotten", () =>
    withSession(async (session) => {
      const file = new LedgerFile(host.settings);
      file.note([claim("/a"), claim("/b")]);
      await file.flush(session);
      writeFileSync(host.ledgerPath, "mail-sni-ledger\t1\t.\n");
      await catchUp(file, session);
      expect(file.ledger.owner("/a")).toBeUndefined();
    }));

  it("GIVEN it grows between the look at its size and the reading THEN no line is read twice or in halves", async () => {
    const lineOf = (path: string) => `${claim(path).join("\t")}\t.\n`;
    const [first, second, third] = [lineOf("/a"), lineOf("/b"), lineOf("/c")];
    const growing = `stat() { command stat "$@"; printf '%s' 'cla' >>'${host.ledgerPath}'; }\n`;
    const file = new LedgerFile(host.settings);
    // First all of it is news, then what has come since.
    for (const line of [first, second]) {
      appendFileSync(host.ledgerPath, line);
      await withSession((session) => catchUp(file, session), new ShellTransport(["sh"], growing));
      writeFileSync(host.ledgerPath, readFileSync(host.ledgerPath, "utf8").replace(/cla$/, ""));
    }
    appendFileSync(host.ledgerPath, third);
    await withSession((session) => catchUp(file, session));
    expect(["/a", "/b", "/c"].map((path) => file.ledger.owner(path)?.token)).toEqual([
      "token",
      "token",
      "token",
    ]);
  });

  describe("GIVEN it is read in the middle of a character", () => {
    const line = Buffer.from(`${claim("/dänisch").join("\t")}\t.\n`);
    const half = line.indexOf("ä") + 1;
    let file: LedgerFile;
    beforeEach(async () => {
      file = new LedgerFile(host.settings);
      writeFileSync(host.ledgerPath, line.subarray(0, half));
      await withSession((session) => catchUp(file, session));
    });

    it("WHEN the rest has come THEN the path is as it was written", async () => {
      appendFileSync(host.ledgerPath, line.subarray(half));
      await withSession((session) => catchUp(file, session));
      expect(file.ledger.owner("/dänisch")).toBeDefined();
    });

    it("WHEN the rest never comes THEN what is written behind it can be read, here and there", () =>
      withSession(async (session) => {
        file.note([claim("/a")]);
        await file.flush(session);
        appendFileSync(host.ledgerPath, `${claim("/b").join("\t")}\t.\n`);
        await catchUp(file, session);
        expect(["/a", "/b"].map((path) => file.ledger.owner(path)?.token)).toEqual(["token", "token"]);
        expect(host.ledger().owner("/a")).toBeDefined();
      }));
  });

  it("GIVEN entries that a lost session did not write THEN they have never been", () =>
    withSession(async (session) => {
      const file = new LedgerFile(host.settings);
      file.note([claim("/written")]);
      await file.flush(session);
      file.note([claim("/lost")]);
      await catchUp(file, session);
      expect(file.ledger.owner("/written")).toBeDefined();
      expect(file.ledger.owner("/lost")).toBeUndefined();
    }));

  it("GIVEN it cannot be written THEN that is said, and what waits is written behind the line that was cut off", async () => {
    const file = new LedgerFile(host.settings);
    file.note([claim("/a")]);
    const full = `append() { printf 'claim\\tst' >>"$1"; echo 'No space left on device'; return 1; }\n`;
    await withSession(
      async (session) => {
        await expect(file.flush(session)).rejects.toThrow(LedgerUnusable);
      },
      new ShellTransport(["sh"], full),
    );
    await withSession((session) => file.flush(session));
    expect(host.ledger().owner("/a")).toEqual({ stack: "stack", token: "token" });
  });

  it("GIVEN a line that cannot be read THEN the file and the line are named, and what to do, and nothing is known", () =>
    withSession(async (session) => {
      writeFileSync(
        host.ledgerPath,
        `mail-sni-ledger\t1\t.\n${claim("/a").join("\t")}\t.\nclaim\tstack\t/b\t.\n`,
      );
      const file = new LedgerFile(host.settings);
      const read = catchUp(file, session);
      await expect(read).rejects.toThrow(LedgerUnusable);
      await expect(read).rejects.toThrow(
        `${host.ledgerPath} cannot be read: line 3: \`claim\` has 3 fields, and 2 are there. Restore the file from a backup.`,
      );
      expect(file.ledger.owner("/a")).toBeUndefined();
    }));

  it("GIVEN an entry that could not be read again THEN it is not written", () =>
    withSession(async (session) => {
      const file = new LedgerFile(host.settings);
      expect(() => file.note([["claim", "stack", "to\tken", "/a"]])).toThrow(LedgerUnusable);
      await file.flush(session);
      expect(existsSync(host.ledgerPath)).toBe(false);
    }));

  it.each([
    ["that is not what was asked for", "hello\nworld"],
    ["with something behind it", "12 3\nYWJj\nmore"],
    ["that is no base64", "12 3\n****"],
    ["with fewer bytes than it says", "12 4\nYWJj"],
    ["with a size that no file has", `12 ${"9".repeat(400)}\n`],
  ])("GIVEN an answer %s THEN it is refused, and claims are not taken for gone", (_, output) => {
    const file = new LedgerFile(host.settings);
    expect(() => file.catchUp({ status: 0, output })).toThrow(LedgerUnusable);
  });

  it("GIVEN more lines than any host has THEN they are not read", () => {
    const text = "paid\tx\t.\n".repeat(500_001);
    const output = `12 ${text.length}\n${Buffer.from(text).toString("base64")}`;
    expect(() => new LedgerFile(host.settings).catchUp({ status: 0, output })).toThrow(
      /line 500001: there are more/,
    );
  });

  it("GIVEN a file of another format THEN it says so, and nothing is known of it", () =>
    withSession(async (session) => {
      writeFileSync(host.ledgerPath, "mail-sni-ledger\t7\t.\n");
      await expect(catchUp(new LedgerFile(host.settings), session)).rejects.toThrow(/has version 7/);
    }));

  it("WHEN most of it is history THEN it is rewritten, whole or not at all, and says the same", () =>
    withSession(async (session) => {
      const file = new LedgerFile(host.settings);
      for (let round = 0; round < 400; round++) file.note([["stage", "/x"], ["closed"], claim("/a")]);
      await file.flush(session);
      const before = statSync(host.ledgerPath);
      await file.compact(session);
      expect(statSync(host.ledgerPath).size).toBeLessThan(before.size / 100);
      expect(host.ledger().owner("/a")).toEqual({ stack: "stack", token: "token" });
      await catchUp(file, session);
      expect(file.ledger.owner("/a")).toEqual({ stack: "stack", token: "token" });
    }));

  it("GIVEN no room for the rewrite THEN the old file stays", async () => {
    const file = new LedgerFile(host.settings);
    for (let round = 0; round < 400; round++) file.note([["stage", "/x"], ["closed"], claim("/a")]);
    await withSession((session) => file.flush(session));
    const { ino } = statSync(host.ledgerPath);
    const full = 'stage() { printf "mail-sni" >"$1"; return 1; }\n';
    await withSession((session) => file.compact(session), new ShellTransport(["sh"], full));
    expect(statSync(host.ledgerPath).ino).toBe(ino);
    expect(host.ledger().owner("/a")).toBeDefined();
  });
});
