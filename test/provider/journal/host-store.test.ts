import { appendFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HostLines } from "../../../lib/provider/journal/host-lines";
import { HostStore } from "../../../lib/provider/journal/host-store";
import { Journal } from "../../../lib/provider/journal/journal";
import { JournalUnusable } from "../../../lib/provider/journal/store";
import { KeyPassphrases } from "../../../lib/provider/keys/key-passphrases";
import { Diagnostics } from "../../../lib/provider/protocol/diagnostics";
import type { Holder } from "../../../lib/shared/journal/holder";
import { type Call, type Session, SessionLost } from "../../../lib/shared/transport/session";
import { LocalTransport } from "../../../lib/shared/transport/transport";
import { HostUnreachable } from "../../../lib/shared/transport/unreachable";
import { journaledCertificate } from "../../shared/journal/support/entries";
import { HeldLock } from "../../support/held-lock";
import { TestHost } from "../host/support/test-host";
import { RunningProcess } from "./support/running-process";

const KEY = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGHAgEA\n-----END ENCRYPTED PRIVATE KEY-----\n";
const PASSPHRASE = "a passphrase of sixteen bytes";

describe("HostStore", () => {
  let on: TestHost;
  beforeEach(() => {
    on = new TestHost();
  });
  afterEach(() => on.remove());

  const entry = journaledCertificate({ key: KEY });
  const next = (passphrases = new KeyPassphrases(PASSPHRASE), host = on.open(), holder?: Holder) => {
    const lines = new HostLines();
    return new HostStore("mx1", host.privateLog("journal", lines), lines, passphrases, holder);
  };
  const file = () => join(on.at(on.settings.stateDirectory), "journal/entries");

  it("GIVEN an entry THEN the next run reads it, and no other user of the host can", async () => {
    await next().write(entry, true);
    expect(await next().load()).toEqual({
      entries: [{ entry, heldBy: null, isAuthentic: true }],
      ignored: [],
    });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(statSync(join(file(), "..")).mode & 0o777).toBe(0o700);
  });

  it("GIVEN an entry that a resource has begun THEN the next run takes it as authentic", async () => {
    const { id: _i, revision: _r, begunAt: _b, isStateSaved: _s, ...begun } = entry;
    const { stack, place, workspace } = entry;
    const diagnostics = new Diagnostics();
    await new Journal({ stack, place, workspace }, [next()]).begin(begun, diagnostics);
    const { names, directory, account, keyAlgorithm, profile, reissue, replaces, state } = entry;
    const wanted = {
      stack,
      place,
      workspace,
      state,
      names,
      directory,
      account,
      keyAlgorithm,
      profile,
      reissue,
      replaces,
    };
    const taken = await new Journal({ stack, place, workspace }, [next()]).takeCertificate(
      { ...wanted, prior: null, reusedKey: null },
      diagnostics,
    );
    expect(taken).toMatchObject({ isAuthentic: true, entry: begun });
    expect(diagnostics.all).toEqual([]);
  });

  it("GIVEN another run that appends WHEN the log is read while entries are written THEN both go well", async () => {
    const [store, other] = [next(), next()];
    await store.load();
    const all = Array.from({ length: 30 }, (_, index) =>
      journaledCertificate({ key: KEY, id: index.toString(16).padStart(16, "0") }),
    );
    for (const each of all) {
      await other.write({ ...each, id: each.id.replace("0", "f") }, false);
      await Promise.all([store.write(each, false), store.load(), store.load()]);
    }
    expect((await store.load()).entries).toHaveLength(2 * all.length);
  });

  it.each(["before", "after"] as const)(
    "GIVEN a connection that is cut %s an entry arrives THEN it is made again, for a new entry and for one that is taken",
    async (when) => {
      await next(undefined, on.open(), { pid: 4_000_000_000, start: 1 }).write(entry, true);
      const transport = new CutTransport(when);
      const store = next(undefined, on.open({ transport }));
      await store.load();
      transport.cutsNext = true;
      expect(await store.take(entry.id)).toBe(true);
      transport.cutsNext = true;
      const other = { ...entry, id: "f".repeat(16) };
      await store.write(other, true);
      expect(transport.cuts).toBe(2);
      expect((await next().load()).entries.map((each) => each.entry)).toEqual([entry, other]);
    },
  );

  it.each([2, 40, 400])(
    "GIVEN a line that was cut off after %i characters THEN nothing is said of it, and it goes with the last entry",
    async (length) => {
      await next().write(entry, true);
      const line = readFileSync(file(), "utf8");
      appendFileSync(file(), line.slice(0, length));
      const store = next();
      expect(await store.load()).toMatchObject({ entries: [{ entry }], ignored: [] });
      await store.write({ ...entry, order: "https://ca.test/order/1" }, true);
      expect((await next().load()).ignored).toEqual([]);
      await store.remove([entry.id]);
      expect(readFileSync(file(), "utf8")).toBe("");
    },
  );

  it("GIVEN a lock that a machine holds that was lost THEN that is waited for", async () => {
    const store = next(undefined, on.open({ timeouts: { lockAttemptMs: 1_000 } }));
    const lock = await HeldLock.of(join(file(), ".."));
    const written = store.write(entry, true);
    await lock.waitedAgain();
    lock.release();
    await written;
    expect((await next().load()).entries).toMatchObject([{ entry }]);
  });

  it("GIVEN many entries at once THEN all of them arrive", async () => {
    const store = next();
    const all = Array.from({ length: 30 }, (_, index) =>
      journaledCertificate({ key: KEY, id: index.toString(16).padStart(16, "0") }),
    );
    await Promise.all(all.map((each) => store.write(each, true)));
    expect((await next().load()).entries.map(({ entry }) => entry)).toEqual(all);
  });

  it("GIVEN two that want an entry THEN one has it", async () => {
    await next().write(entry, true);
    // Of a machine that is gone.
    writeFileSync(file(), readFileSync(file(), "utf8").replace(/^put \S+ \S+/, "put me@gone 7-7"));
    const stores = [next(), next(), next()];
    for (const store of stores) expect((await store.load()).entries).toMatchObject([{ heldBy: null }]);
    const taken = await Promise.all(stores.map((store) => store.take(entry.id)));
    expect(taken.filter(Boolean)).toHaveLength(1);
  });

  it("GIVEN an entry that another run has taken since THEN it is not taken, also if that is known from another step", async () => {
    await next().write(entry, true);
    writeFileSync(file(), readFileSync(file(), "utf8").replace(/^put \S+ \S+/, "put me@gone 7-7"));
    const [slow, fast] = [next(), next()];
    for (const store of [slow, fast]) await store.load();
    expect(await fast.take(entry.id)).toBe(true);
    await slow.write({ ...entry, id: "00000000000000bb" }, true);
    expect(await slow.take(entry.id)).toBe(false);
  });

  it("GIVEN an entry of a process that runs THEN it is held, unless the host alone says so", async () => {
    const other = await RunningProcess.start();
    await next().write(entry, true);
    await next(undefined, undefined, other.holder).write({ ...entry, id: "00000000000000bb" }, true);
    const { pid, start } = other.holder;
    const lines = readFileSync(file(), "utf8").replace(/^(put \S+) \S+/, `$1 ${pid}-${start}`);
    writeFileSync(file(), lines);
    expect((await next().load()).entries).toMatchObject([
      { heldBy: null, isAuthentic: true },
      { heldBy: other.holder, isAuthentic: true },
    ]);
    await other.end();
    expect((await next().load()).entries).toMatchObject([{ heldBy: null }, { heldBy: null }]);
  });

  it("GIVEN an entry that is removed THEN it is gone, and its key as soon as the file is rewritten", async () => {
    const store = next();
    await store.write(entry, true);
    await store.remove([entry.id]);
    expect((await next().load()).entries).toEqual([]);
    appendFileSync(file(), `${"x".repeat(600_000)}\n`);
    await store.write({ ...entry, id: "00000000000000bb" }, true);
    expect(statSync(file()).size).toBeLessThan(5000);
    expect(readFileSync(file(), "utf8")).not.toContain(entry.id);
    expect((await next().load()).entries).toHaveLength(1);
  });

  it("GIVEN the last entry is removed THEN its key is gone from the host, and the next entry arrives", async () => {
    const store = next();
    await store.write(entry, true);
    await store.remove([entry.id]);
    expect(readFileSync(file(), "utf8")).toBe("");
    await store.write({ ...entry, id: "00000000000000bb" }, true);
    await next().write({ ...entry, id: "00000000000000cc" }, true);
    expect((await next().load()).entries.map(({ entry: { id } }) => id)).toEqual([
      "00000000000000bb",
      "00000000000000cc",
    ]);
  });

  it("GIVEN a host that changes an entry THEN that is not authentic", async () => {
    await next().write(entry, true);
    writeFileSync(file(), readFileSync(file(), "utf8").replace('"a.test"', '"b.test"'));
    expect((await next().load()).entries).toMatchObject([{ isAuthentic: false }]);
  });

  it("GIVEN another passphrase THEN the entry is authentic with the former one only", async () => {
    await next().write(entry, true);
    const other = "another passphrase of enough bytes";
    expect((await next(new KeyPassphrases(other)).load()).entries).toMatchObject([{ isAuthentic: false }]);
    const rotated = new KeyPassphrases(other, PASSPHRASE);
    expect((await next(rotated).load()).entries).toMatchObject([{ isAuthentic: true }]);
  });

  it("GIVEN lines that are no entries, and half a line THEN those are counted, and the next entry arrives", async () => {
    await next().write(entry, true);
    appendFileSync(file(), "nonsense\nmore\nput me@mx1 7-7 half");
    await next().write({ ...entry, id: "00000000000000bb" }, true);
    const { entries, ignored } = await next().load();
    expect(entries).toHaveLength(2);
    expect(ignored).toEqual([expect.stringMatching(/2 lines are not entries/)]);
  });

  it("GIVEN a key in plain text, or no passphrase THEN nothing is written", async () => {
    const plain = journaledCertificate();
    await expect(next().write(plain, true)).rejects.toThrow(JournalUnusable);
    await expect(next(new KeyPassphrases()).write(entry, true)).rejects.toThrow(/no passphrase/);
    expect(on.has(join(on.settings.stateDirectory, "journal"))).toBe(false);
  });

  it("GIVEN a host that cannot be reached THEN the journal cannot be used", async () => {
    const transport = {
      open: () => Promise.reject(new HostUnreachable({ problem: "it is away" })),
    };
    const store = next(undefined, on.open({ transport: transport as never }));
    await expect(store.load()).rejects.toThrow(JournalUnusable);
  });
});

/** Loses the shell once more when something is appended. */
class CutTransport extends LocalTransport {
  cuts = 0;
  cutsNext = false;

  constructor(private readonly when: "before" | "after") {
    super();
  }

  override async open(lifetimeMs: number): Promise<Session> {
    const session = await super.open(lifetimeMs);
    const round = session.round.bind(session) as (calls: readonly Call[]) => Promise<unknown>;
    const cut = async (calls: readonly Call[]) => {
      if (!this.cutsNext || calls[0]?.[0] !== "append") return round(calls);
      this.cutsNext = false;
      this.cuts++;
      if (this.when === "after") await round(calls);
      await session.close();
      throw new SessionLost("it was cut");
    };
    session.round = cut as never;
    return session;
  }
}
