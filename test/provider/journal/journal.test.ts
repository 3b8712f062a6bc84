import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DirectoryStore } from "../../../lib/provider/journal/directory-store";
import type { WantedCertificate } from "../../../lib/provider/journal/fitting";
import { HostLines } from "../../../lib/provider/journal/host-lines";
import { HostStore } from "../../../lib/provider/journal/host-store";
import { Journal } from "../../../lib/provider/journal/journal";
import { KeyPassphrases } from "../../../lib/provider/keys/key-passphrases";
import { Diagnostics } from "../../../lib/provider/protocol/diagnostics";
import { type CertificateEntry, entryText } from "../../../lib/shared/journal/entry";
import { rfc3339 } from "../../../lib/shared/time/rfc3339";
import { journaledAccount, journaledCertificate } from "../../shared/journal/support/entries";
import { TestHost } from "../host/support/test-host";
import { RunningProcess } from "./support/running-process";

const KEY = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGHAgEA\n-----END ENCRYPTED PRIVATE KEY-----\n";
const DAY = 86_400_000;
const NEW_STATE = "3333333333333333";

describe("a journal on a host", () => {
  let on: TestHost;
  beforeEach(() => {
    on = new TestHost();
  });
  afterEach(() => on.remove());

  const begunAt = `${new Date().toISOString().slice(0, 19)}Z`;
  const entry = journaledCertificate({ key: KEY, begunAt, isStateSaved: false });
  const run = { stack: entry.stack, place: entry.place, workspace: entry.workspace };
  const file = () => join(on.at(on.settings.stateDirectory), "journal/entries");
  const store = () => {
    const lines = new HostLines();
    const passphrases = new KeyPassphrases("a passphrase of sixteen bytes");
    return new HostStore("mx1", on.open().privateLog("journal", lines), lines, passphrases);
  };
  const next = () => new Journal(run, [store()]);
  const wanted = (more: Partial<WantedCertificate> = {}): WantedCertificate => ({
    ...entry,
    prior: null,
    reusedKey: null,
    ...more,
  });

  it.each<[string, (journal: Journal) => Promise<void>, string]>([
    ["its state is saved", (journal) => journal.noteSavedState(String(entry.state)), String(entry.state)],
    ["a new state takes over", (journal) => journal.noteNewState(NEW_STATE), NEW_STATE],
  ])(
    "GIVEN an entry that the host has made up, and %s THEN no run makes it authentic",
    async (_, note, state) => {
      await store().write(entry, true);
      writeFileSync(file(), readFileSync(file(), "utf8").replace('"imap.a.test"', '"imap.b.test"'));
      await note(next());
      const names = ["a.test", "imap.b.test"];
      const taken = await next().takeCertificate(wanted({ names, state }), new Diagnostics());
      expect(taken?.isAuthentic ?? false).toBe(false);
    },
  );

  it("GIVEN a host that shows a removed entry again THEN a create has its key, unless reissue has a value that it never had", async () => {
    await store().write(entry, true);
    const kept = readFileSync(file());
    await next().crossOut({ fingerprint: "ff".repeat(32), publicKey: entry.publicKey, account: null });
    expect(await next().takeCertificate(wanted(), new Diagnostics())).toBeNull();
    writeFileSync(file(), kept);
    const reissued = wanted({ reissue: "0c".repeat(32) });
    expect(await next().takeCertificate(reissued, new Diagnostics())).toBeNull();
    expect(await next().takeCertificate(wanted(), new Diagnostics())).toMatchObject({ isAuthentic: true });
  });

  it("GIVEN a host that shows an entry as it was before its state was saved THEN a new state has its key, unless reissue has a value that it never had", async () => {
    await store().write(entry, true);
    const kept = readFileSync(file());
    await next().noteSavedState(String(entry.state));
    await next().noteNewState(NEW_STATE);
    const wantedThere = wanted({ state: NEW_STATE });
    expect(await next().takeCertificate(wantedThere, new Diagnostics())).toBeNull();
    writeFileSync(file(), kept);
    await next().noteNewState(NEW_STATE);
    const reissued = { ...wantedThere, reissue: "0c".repeat(32) };
    expect(await next().takeCertificate(reissued, new Diagnostics())).toBeNull();
    expect(await next().takeCertificate(wantedThere, new Diagnostics())).toMatchObject({ isAuthentic: true });
  });

  it("GIVEN a new state that takes over THEN its run takes the entry", async () => {
    await store().write(entry, true);
    const journal = next();
    await journal.noteNewState(NEW_STATE);
    expect(await journal.takeCertificate(wanted({ state: NEW_STATE }), new Diagnostics())).not.toBeNull();
    expect(await journal.takeCertificate(wanted({ state: NEW_STATE }), new Diagnostics())).toBeNull();
  });

  it("GIVEN a new state of another workspace THEN it takes nothing over, even if no plan has found the first one saved", async () => {
    await store().write(entry, true);
    const journal = new Journal({ ...run, place: "5555555555555555", workspace: "5555555555555555" }, [
      store(),
    ]);
    await journal.noteNewState(NEW_STATE);
    expect(await journal.takeCertificate(wanted({ state: NEW_STATE }), new Diagnostics())).toBeNull();
    expect(await next().takeCertificate(wanted(), new Diagnostics())).not.toBeNull();
  });

  it("GIVEN a newer one that the host has made up THEN the authentic one is taken", async () => {
    await store().write(entry, true);
    const made = { ...entry, id: "00000000000000bb", begunAt: begunAt.replace(/^./, "3") };
    writeFileSync(
      file(),
      `${readFileSync(file(), "utf8")}put me@mx1 7-7 ${"0".repeat(64)} ${entryText(made)}`,
    );
    const taken = await next().takeCertificate(wanted(), new Diagnostics());
    expect(taken?.entry.id).toBe(entry.id);
  });
});

describe("a journal in a directory", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "mail-sni-journal-"));
  });
  afterEach(() => {
    vi.useRealTimers();
    rmSync(directory, { recursive: true, force: true });
  });

  const wanted = journaledAccount();
  const { id: _id, revision: _revision, begunAt: _begunAt, isStateSaved: _isStateSaved, ...begun } = wanted;
  const run = { stack: wanted.stack, place: wanted.place, workspace: wanted.workspace };

  it("GIVEN an account THEN one resource of the run has its key, and so has one of the next run", async () => {
    const diagnostics = new Diagnostics();
    const first = new Journal(run, [new DirectoryStore(directory)]);
    await first.begin(begun, diagnostics);
    expect(await first.takeAccount(wanted, diagnostics)).toBeNull();
    const next = new Journal(run, [new DirectoryStore(directory)]);
    expect(await next.takeAccount(wanted, diagnostics)).not.toBeNull();
    expect(await next.takeAccount(wanted, diagnostics)).toBeNull();
  });

  it("GIVEN an engine that ends while an entry is written THEN nothing is to be ordered for it, and nothing is left", async () => {
    const journal = new Journal({ ...run, isEngineGone: () => true }, [new DirectoryStore(directory)]);
    await expect(journal.begin(begun, new Diagnostics())).rejects.toThrow("nothing was ordered");
    expect(readdirSync(directory)).toEqual([]);
  });

  it("GIVEN a run whose clock is days ahead THEN the next one has the order, and the state's certificate tells when it has expired", async () => {
    const begunAt = `${new Date().toISOString().slice(0, 19)}Z`;
    const entry = journaledCertificate({ begunAt, order: "https://ca.test/order/1" });
    await new DirectoryStore(directory).write(entry, true);
    const next = () => new Journal(run, [new DirectoryStore(directory)]);
    const plan = (notBefore: number) => {
      const saved = { fingerprint: "ff".repeat(32), publicKey: "0f".repeat(32), account: null };
      const certificate = { ...entry, names: ["other.test"], notBefore: rfc3339(new Date(notBefore)) };
      return next().crossOut(saved, certificate);
    };
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 30 * DAY });
    await plan(Date.parse(begunAt));
    const fitting = { ...entry, prior: null, reusedKey: null };
    expect(await next().takeCertificate(fitting, new Diagnostics())).toBeNull();
    vi.useRealTimers();
    expect((await next().takeCertificate(fitting, new Diagnostics()))?.entry.order).toBe(entry.order);
    await plan(Date.now() + 8 * DAY);
    expect(readdirSync(directory)).toEqual([]);
  });

  it("GIVEN two places, and a new state that takes over while one is away THEN what that one has does not count once it is back", async () => {
    const begunAt = `${new Date().toISOString().slice(0, 19)}Z`;
    const entry = journaledCertificate({ begunAt, isStateSaved: false, order: "https://ca.test/order/1" });
    const stores = () => ["one", "other"].map((name) => new DirectoryStore(join(directory, name)));
    for (const store of stores()) await store.write(entry, true);
    await new Journal(run, stores().slice(1)).noteNewState(NEW_STATE);
    for (const back of [stores(), stores().reverse()]) {
      const next = new Journal(run, back);
      await next.noteSavedState(NEW_STATE);
      const wanted = { ...entry, state: NEW_STATE, prior: null, reusedKey: null };
      const taken = await next.takeCertificate(wanted, new Diagnostics());
      expect(taken?.entry).toMatchObject({ id: entry.id, isStateSaved: true });
    }
  });

  describe("GIVEN a killed run whose provider still works, and whose state was lost", () => {
    const NEW = { ...wanted, state: NEW_STATE };
    let other: RunningProcess;
    beforeEach(async () => {
      other = await RunningProcess.start();
      const lost = journaledAccount({
        isStateSaved: false,
        begunAt: `${new Date().toISOString().slice(0, 19)}Z`,
      });
      await new DirectoryStore(directory, undefined, other.holder).write(lost, true);
    });
    afterEach(() => other.end());

    it("WHEN it ends THEN the new state has its entry", async () => {
      const journal = new Journal(run, [new DirectoryStore(directory)]);
      const taken = journal.noteNewState(NEW_STATE);
      await other.end();
      await taken;
      expect((await journal.takeAccount(NEW, new Diagnostics()))?.entry).toMatchObject({ id: wanted.id });
    });

    it("WHEN the clock is set forward by a day THEN the run waits all the same, and has its entry", async () => {
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
      const store = new DirectoryStore(directory);
      const journal = new Journal(run, [store]);
      const taken = journal.noteNewState(NEW_STATE);
      const looks = vi.spyOn(store, "load");
      const looked = (times: number) =>
        vi.waitFor(() => expect(looks.mock.calls.length).toBeGreaterThanOrEqual(times), 10_000);
      await looked(1);
      vi.setSystemTime(Date.now() + DAY);
      await looked(3);
      await other.end();
      await taken;
      vi.useRealTimers();
      expect((await journal.takeAccount(NEW, new Diagnostics()))?.entry).toMatchObject({ id: wanted.id });
    });

    it("WHEN the clock is set back by a day THEN the wait ends all the same", async () => {
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
      const journal = new Journal(run, [new DirectoryStore(directory)], null, 100);
      const taken = journal.noteNewState(NEW_STATE);
      vi.setSystemTime(Date.now() - DAY);
      await expect(taken).rejects.toThrow("still works on");
    });

    it("WHEN it does not end THEN it is waited for once, whatever number of its entries there are", async () => {
      const hung = (id: string, name: string) =>
        journaledCertificate({ id, names: [name], begunAt: `${new Date().toISOString().slice(0, 19)}Z` });
      const entries = [hung("00000000000000d1", "a.test"), hung("00000000000000d2", "b.test")] as const;
      for (const entry of entries)
        await new DirectoryStore(directory, undefined, other.holder).write(entry, true);
      const store = new DirectoryStore(directory);
      const journal = new Journal(run, [store], null, 300);
      const take = (entry: CertificateEntry) =>
        journal.takeCertificate({ ...entry, prior: null, reusedKey: null }, new Diagnostics());
      const looks = vi.spyOn(store, "load");
      await expect(take(entries[0])).rejects.toThrow(`Process ${other.holder.pid} on this machine`);
      const before = looks.mock.calls.length;
      expect(before).toBeGreaterThan(1);
      await expect(take(entries[1])).rejects.toThrow(/still works on .*00000000000000d2/);
      expect(looks).toHaveBeenCalledTimes(before);
      // Another process has a time of its own.
      const another = await RunningProcess.start();
      try {
        const third = hung("00000000000000d3", "c.test");
        await new DirectoryStore(directory, undefined, another.holder).write(third, true);
        const next = new Journal(run, [store], null, 300);
        const taken = (entry: CertificateEntry) =>
          next.takeCertificate({ ...entry, prior: null, reusedKey: null }, new Diagnostics());
        await expect(taken(entries[0])).rejects.toThrow(`Process ${other.holder.pid} on this machine`);
        const waiting = looks.mock.calls.length;
        await expect(taken(third)).rejects.toThrow(`Process ${another.holder.pid} on this machine`);
        expect(looks.mock.calls.length).toBeGreaterThan(waiting);
      } finally {
        await another.end();
      }
    });

    it("WHEN it takes another entry while the run waits THEN the run has that only once it has ended", async () => {
      const begunAt = `${new Date().toISOString().slice(0, 19)}Z`;
      const [held, free] = [
        journaledCertificate({ id: "00000000000000d1", names: ["a.test"], begunAt }),
        journaledCertificate({ id: "00000000000000d2", names: ["b.test"], begunAt }),
      ] as const;
      const theirs = new DirectoryStore(directory, undefined, other.holder);
      await theirs.write(held, true);
      await new DirectoryStore(directory, undefined, { pid: other.holder.pid, start: 1 }).write(free, true);
      const store = new DirectoryStore(directory);
      const journal = new Journal(run, [store]);
      const take = (entry: CertificateEntry) =>
        journal.takeCertificate({ ...entry, prior: null, reusedKey: null }, new Diagnostics());
      const looks = vi.spyOn(store, "load");
      const looked = async () => {
        const before = looks.mock.calls.length;
        await vi.waitFor(() => expect(looks.mock.calls.length).toBeGreaterThan(before), 10_000);
      };
      const first = take(held);
      await vi.waitFor(() => expect(looks).toHaveBeenCalled());
      await theirs.load();
      expect(await theirs.take(free.id)).toBe(true);
      await looked();
      let isTaken = false;
      const second = take(free).finally(() => {
        isTaken = true;
      });
      await looked();
      expect(isTaken).toBe(false);
      await other.end();
      expect([(await first)?.entry.id, (await second)?.entry.id]).toEqual([held.id, free.id]);
    });

    it.each<[string, (journal: Journal, signal: AbortSignal) => Promise<unknown>]>([
      ["a new state", (journal, signal) => journal.noteNewState(NEW_STATE, signal)],
      ["an account", (journal, signal) => journal.takeAccount(wanted, new Diagnostics(), signal)],
    ])("WHEN a run is stopped that waits for it before %s THEN it ends at once", async (_, work) => {
      const store = new DirectoryStore(directory);
      const [looks, stopping] = [vi.spyOn(store, "load"), new AbortController()];
      const waiting = work(new Journal(run, [store]), stopping.signal);
      const stopped = expect(waiting).rejects.toThrow("interrupted while it waited for another run");
      await vi.waitFor(() => expect(looks.mock.calls.length).toBeGreaterThan(1), 10_000);
      stopping.abort();
      await stopped;
      // The other run still has its entry.
      expect((await new DirectoryStore(directory).load()).entries).toMatchObject([{ heldBy: other.holder }]);
    });

    it("WHEN it does not end THEN no new state begins", async () => {
      const journal = new Journal(run, [new DirectoryStore(directory)], null, 0);
      await expect(journal.noteNewState(NEW_STATE)).rejects.toMatchObject({
        message: expect.stringMatching(
          `Process ${other.holder.pid} on this machine, .* still works on ${directory}`,
        ),
        remedy: expect.stringContaining(`ps -fp ${other.holder.pid}.`),
      });
    });
  });
});
