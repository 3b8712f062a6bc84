import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { DirectoryStore } from "../../../lib/provider/journal/directory-store";
import { JournalUnusable } from "../../../lib/provider/journal/store";
import { entryText, LONGEST_ENTRY } from "../../../lib/shared/journal/entry";
import { journaledCertificate } from "../../shared/journal/support/entries";
import { describeIf, OTHER_UID, root } from "../../support/requirements";
import { RunningProcess } from "./support/running-process";

describe("DirectoryStore", () => {
  let parent: string;
  let directory: string;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), "mail-sni-journal-"));
    directory = join(parent, "state/mail-sni");
  });
  afterEach(() => rmSync(parent, { recursive: true, force: true }));

  const entry = journaledCertificate();
  const next = () => new DirectoryStore(directory);
  const planted = (name: string) => join(directory, name);

  it("GIVEN an entry THEN the next process reads it, and only this user can", async () => {
    await next().write(entry, true);
    expect((await next().load()).entries).toEqual([{ entry, heldBy: null, isAuthentic: true }]);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    const [file, ...others] = readdirSync(directory);
    expect(others).toEqual([]);
    expect(statSync(planted(String(file))).mode & 0o777).toBe(0o600);
  });

  it("GIVEN a later version of an entry THEN it is in place of the former", async () => {
    const store = next();
    await store.write(entry, true);
    await store.write({ ...entry, order: "https://ca.test/order/1" }, false);
    expect((await next().load()).entries.map(({ entry }) => entry)).toEqual([
      { ...entry, order: "https://ca.test/order/1" },
    ]);
  });

  it("GIVEN processes of another machine that begin meanwhile, and do not see this one THEN its entries arrive all the same", async () => {
    const unseen = { pid: 4_000_000_000, start: 1 };
    const store = new DirectoryStore(directory, undefined, unseen);
    let isWriting = true;
    const others = (async () => {
      while (isWriting) {
        await next().load();
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const ids = Array.from({ length: 50 }, (_, index) => index.toString(16).padStart(16, "0"));
    try {
      for (const id of ids) await store.write({ ...entry, id }, false);
    } finally {
      isWriting = false;
      await others;
    }
    expect((await next().load()).entries).toHaveLength(ids.length);
  });

  it.each([
    ["once THEN it arrives all the same", 1],
    ["each time THEN that is said", 3],
  ])("GIVEN an entry that a machine whose clock is ahead takes for abandoned, %s", async (_, times) => {
    const store = new DirectoryStore(directory, undefined, { pid: 4_000_000_000, start: 1 });
    const file = await open("/dev/null");
    const prototype = Object.getPrototypeOf(file);
    const { datasync } = prototype;
    await file.close();
    const clock = Date.now();
    let left = times;
    onTestFinished(() => void vi.restoreAllMocks());
    // The file is complete then, and not yet in place.
    vi.spyOn(prototype, "datasync").mockImplementation(async function (this: unknown) {
      await datasync.call(this);
      if (left-- <= 0) return;
      const ahead = vi.spyOn(Date, "now").mockReturnValue(clock + 86_400_000);
      await next().load();
      ahead.mockRestore();
      expect(readdirSync(directory)).toEqual([]);
    });
    const written = store.write(entry, true);
    if (times === 1) {
      await written;
      expect((await next().load()).entries).toMatchObject([{ entry }]);
    } else await expect(written).rejects.toThrow(JournalUnusable);
  });

  it("GIVEN many first entries at once THEN all of them arrive", async () => {
    const store = next();
    const ids = Array.from({ length: 20 }, (_, index) => index.toString(16).padStart(16, "0"));
    await Promise.all(ids.map((id) => store.write({ ...entry, id }, true)));
    expect((await next().load()).entries.map(({ entry: { id } }) => id).sort()).toEqual(ids);
  });

  /** How often the contents of a file are synced by some work. */
  async function syncsOf(work: () => Promise<void>): Promise<number> {
    const file = await open("/dev/null");
    const synced = vi.spyOn(Object.getPrototypeOf(file), "datasync");
    await file.close();
    await work();
    const { length } = synced.mock.calls;
    vi.restoreAllMocks();
    return length;
  }

  const ORDERED = { ...entry, order: "https://ca.test/order/1" };

  it("GIVEN a version that must not be lost THEN it is synced, and one that may be is not", async () => {
    const store = next();
    expect(await syncsOf(() => store.write(entry, true))).toBe(1);
    expect(await syncsOf(() => store.write(ORDERED, true))).toBe(1);
    expect(await syncsOf(() => store.write({ ...ORDERED, order: null }, false))).toBe(0);
  });

  it("GIVEN a version that a power failure cuts off anywhere THEN the former one is there, and the next one arrives", async () => {
    const store = next();
    await store.write(entry, true);
    const [file] = readdirSync(directory).map(planted) as [string];
    const former = readFileSync(file);
    await store.write(ORDERED, false);
    const whole = readFileSync(file);
    expect(whole.length).toBeGreaterThan(former.length);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: former.length, max: whole.length - 2 }),
        fc.constantFrom(0, 1, 5000),
        async (length, zeros) => {
          writeFileSync(file, Buffer.concat([whole.subarray(0, length), Buffer.alloc(zeros)]));
          const after = next();
          expect(await after.load()).toMatchObject({ entries: [{ entry }], ignored: [] });
          expect(await after.take(entry.id)).toBe(true);
          await after.write({ ...entry, order: "https://ca.test/order/2" }, false);
          expect((await next().load()).entries).toMatchObject([
            { entry: { order: "https://ca.test/order/2" } },
          ]);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("GIVEN an entry that was written over and over THEN its file does not grow without end", async () => {
    const store = next();
    const large = {
      ...entry,
      names: Array.from({ length: 200 }, (_, index) => `${"a".repeat(60)}.${index}.test`),
    };
    for (let count = 0; count < 80; count++)
      await store.write({ ...large, order: `https://ca.test/order/${count}` }, false);
    const sizes = readdirSync(directory).map((name) => statSync(planted(name)).size);
    expect(Math.max(...sizes)).toBeLessThan(2 * LONGEST_ENTRY);
    expect((await next().load()).entries).toMatchObject([{ entry: { order: "https://ca.test/order/79" } }]);
  });

  it("GIVEN an entry whose file was removed meanwhile THEN a later version is written whole", async () => {
    const store = next();
    await store.write(entry, true);
    for (const name of readdirSync(directory)) rmSync(planted(name));
    await store.write(ORDERED, true);
    expect((await next().load()).entries).toMatchObject([{ entry: ORDERED }]);
  });

  it("GIVEN two that want an entry THEN one has it", async () => {
    const dead = planted(`${entry.id}.4194300-1`);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(dead, entryText(entry), { mode: 0o600 });
    const stores = [next(), next(), next()];
    for (const store of stores) expect((await store.load()).entries).toHaveLength(1);
    const taken = await Promise.all(stores.map((store) => store.take(entry.id)));
    expect(taken.filter(Boolean)).toHaveLength(1);
  });

  it("GIVEN an entry of a process that runs THEN it is held, until the process has ended", async () => {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const other = await RunningProcess.start();
    const { pid, start } = other.holder;
    writeFileSync(planted(`${entry.id}.${pid}-${start}`), entryText(entry), { mode: 0o600 });
    expect((await next().load()).entries).toMatchObject([{ heldBy: other.holder }]);
    await other.end();
    expect((await next().load()).entries).toMatchObject([{ heldBy: null }]);
  });

  it("GIVEN an entry that is removed THEN it is gone, also if it was gone before", async () => {
    const store = next();
    await store.write(entry, true);
    await next().load();
    await store.remove([entry.id, "00000000000000bb"]);
    await store.remove([entry.id]);
    expect(readdirSync(directory)).toEqual([]);
  });

  it("GIVEN no directory THEN there are no entries, and none is created for that", async () => {
    expect(await next().load()).toEqual({ entries: [], ignored: [] });
    expect(existsSync(directory)).toBe(false);
  });

  it("GIVEN a home directory that does not exist THEN it is not created", async () => {
    const store = new DirectoryStore(join(parent, "home/me/.local/state/mail-sni"), join(parent, "home/me"));
    await expect(store.write(entry, true)).rejects.toThrow(JournalUnusable);
    expect(existsSync(join(parent, "home"))).toBe(false);
  });

  it("GIVEN a place where no directory can be made THEN it cannot be used", async () => {
    await expect(new DirectoryStore("/proc/self/journal/here").write(entry, true)).rejects.toThrow(
      JournalUnusable,
    );
  });

  it("GIVEN what a killed process has not finished writing THEN it is removed, and no entry", async () => {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const unfinished = planted(`${entry.id}.4194300-1.new`);
    writeFileSync(unfinished, "half", { mode: 0o600 });
    utimesSync(unfinished, new Date(), new Date(Date.now() - 120_000));
    expect(await next().load()).toEqual({ entries: [], ignored: [] });
    expect(readdirSync(directory)).toEqual([]);
  });

  it.each<[string, () => void]>([
    ["that all can read", () => chmodSync(directory, 0o755)],
    ["that the group can enter", () => chmodSync(directory, 0o710)],
    [
      "that is a link",
      () => {
        rmSync(directory, { recursive: true });
        symlinkSync(parent, directory);
      },
    ],
    [
      "that is a file",
      () => {
        rmSync(directory, { recursive: true });
        writeFileSync(directory, "");
      },
    ],
    ["below one that all can write to", () => chmodSync(join(parent, "state"), 0o777)],
  ])("GIVEN a directory %s THEN nothing is written to it or read", async (_, change) => {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    change();
    await expect(next().write(entry, true)).rejects.toThrow(JournalUnusable);
    await expect(next().load()).rejects.toThrow(JournalUnusable);
    expect(readdirSync(parent, { recursive: true }).join()).not.toContain(entry.id);
  });

  describeIf(root, "what belongs to another user", () => {
    it.each<[string, () => string]>([
      ["of another user", () => directory],
      ["below one of another user", () => join(parent, "state")],
    ])("GIVEN a directory %s THEN nothing is written to it or read", async (_, path) => {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      chownSync(path(), OTHER_UID, OTHER_UID);
      await expect(next().write(entry, true)).rejects.toThrow(/another user/);
      await expect(next().load()).rejects.toThrow(JournalUnusable);
    });

    it("GIVEN the home directory of another user THEN nothing is made in it", async () => {
      const home = join(parent, "home");
      mkdirSync(home);
      chownSync(home, OTHER_UID, OTHER_UID);
      mkdirSync(join(parent, "elsewhere"));
      symlinkSync(join(parent, "elsewhere"), join(home, ".local"));
      for (const path of ["state/mail-sni", ".local/state/mail-sni"]) {
        const store = new DirectoryStore(join(home, path), home);
        await expect(store.write(entry, true)).rejects.toThrow(/another user/);
      }
      expect(readdirSync(parent, { recursive: true }).sort()).toEqual(["elsewhere", "home", "home/.local"]);
    });
  });

  it.each<[string, (path: string) => void]>([
    ["that all can read", (path) => writeFileSync(path, entryText(entry), { mode: 0o644 })],
    ["that is no entry", (path) => writeFileSync(path, "PRIVATE", { mode: 0o600 })],
    [
      "of another entry",
      (path) => writeFileSync(path, entryText({ ...entry, id: "00000000000000bb" }), { mode: 0o600 }),
    ],
    ["that is too long", (path) => writeFileSync(path, " ".repeat(1_300_000), { mode: 0o600 })],
    ["that is a directory", (path) => mkdirSync(path)],
    [
      "that is a link",
      (path) => {
        writeFileSync(join(parent, "elsewhere"), entryText(entry), { mode: 0o600 });
        symlinkSync(join(parent, "elsewhere"), path);
      },
    ],
    [
      "with another name elsewhere",
      (path) => {
        writeFileSync(path, entryText(entry), { mode: 0o600 });
        linkSync(path, join(parent, "elsewhere"));
      },
    ],
  ])("GIVEN a file %s THEN it is ignored, and named without what is in it", async (_, plant) => {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const path = planted(`${entry.id}.4194300-1`);
    plant(path);
    const { entries, ignored } = await next().load();
    expect(entries).toEqual([]);
    expect(ignored).toEqual([expect.stringContaining(path)]);
    expect(ignored.join()).not.toContain("PRIVATE");
  });

  it("GIVEN a link at the name of a new file THEN nothing is written behind it", async () => {
    const store = next();
    await store.write(entry, true);
    const [name] = readdirSync(directory);
    writeFileSync(join(parent, "elsewhere"), "mine");
    symlinkSync(join(parent, "elsewhere"), planted(`${name}.new`));
    await store.write({ ...entry, order: "https://ca.test/order/1" }, true);
    expect(readFileSync(join(parent, "elsewhere"), "utf8")).toBe("mine");
  });
});
