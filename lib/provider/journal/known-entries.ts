import { type JournalEntry, revised } from "../../shared/journal/entry";
import type { Holder } from "../../shared/journal/holder";
import type { JournalStore, LoadedEntry } from "./store";
import type { UsableStores } from "./usable-stores";

/** An entry, wherever it is. */
export interface KnownEntry {
  entry: JournalEntry;
  readonly stores: readonly JournalStore[];
  readonly isAuthentic: boolean;
  /** Whether this process works on it. */
  isBusy: boolean;
  /** Another process on this machine that still works on it; null if no process does. */
  heldBy: Holder | null;
}

/** The entries of all places, as this process knows them. */
export class KnownEntries {
  readonly #known = new Map<string, KnownEntry>();
  readonly #ignored: string[] = [];
  #loaded: Promise<void> | undefined;
  #looking: Promise<void> | undefined;

  constructor(private readonly stores: UsableStores) {}

  all(): readonly KnownEntry[] {
    return [...this.#known.values()];
  }

  /** What was not taken for an entry, each with the reason: once. */
  takeIgnored(): readonly string[] {
    return this.#ignored.splice(0);
  }

  /** Reads all entries. Only the first call does. */
  load(): Promise<void> {
    this.#loaded ??= this.#read();
    return this.#loaded;
  }

  /**
   * Reads again what this process does not work on: another one may have ended, or have taken an entry that none worked on. All that
   * wait share one look.
   */
  lookAgain(): Promise<void> {
    this.#looking ??= this.#readOthers().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** A new entry, which this process works on. It is written nowhere yet. */
  begin(entry: JournalEntry): KnownEntry {
    const known = { entry, stores: this.stores.all, isAuthentic: true, isBusy: true, heldBy: null };
    this.#known.set(entry.id, known);
    return known;
  }

  /** Takes an entry in one place at least; otherwise another process has it. */
  async claim(known: KnownEntry): Promise<boolean> {
    known.isBusy = true;
    let isTaken = false;
    await this.stores.each(known.stores, async (store) => {
      if (await store.take(known.entry.id)) isTaken = true;
    });
    if (!isTaken) this.#known.delete(known.entry.id);
    return isTaken;
  }

  /** Writes an entry to all places that can be written to. */
  async write({ entry, stores }: KnownEntry, isSynced: boolean): Promise<void> {
    await this.stores.each(stores, (store) => store.write(entry, isSynced));
  }

  /** Changes entries that no process works on. Writing authenticates them: one that a host has made up stays as it is. */
  async rewrite(which: (known: KnownEntry) => boolean, change: Partial<JournalEntry>): Promise<void> {
    const chosen = this.all().filter(
      (known) => !known.isBusy && known.heldBy === null && known.isAuthentic && which(known),
    );
    await Promise.all(
      chosen.map(async (known) => {
        if (!(await this.claim(known))) return;
        known.entry = revised(known.entry, change);
        await this.write(known, true);
        known.isBusy = false;
      }),
    );
  }

  async remove(known: KnownEntry): Promise<void> {
    this.#known.delete(known.entry.id);
    await this.stores.remove(known.stores, [known.entry.id]);
  }

  async #read(): Promise<void> {
    await this.stores.each(this.stores.all, async (store) => {
      const { entries, ignored } = await store.load();
      this.#ignored.push(...ignored);
      for (const loaded of entries) this.#add(loaded, store);
    });
  }

  async #readOthers(): Promise<void> {
    const before = new Map(this.all().map((known) => [known, known.entry]));
    const found: [JournalStore, LoadedEntry][] = [];
    await this.stores.each(this.stores.all, async (store) => {
      for (const loaded of (await store.load()).entries) found.push([store, loaded]);
    });
    // What this process has taken or changed meanwhile is further on than what was found.
    const others = this.all().filter((known) => !known.isBusy && before.get(known) === known.entry);
    const ids = new Set(others.map(({ entry }) => entry.id));
    for (const id of ids) this.#known.delete(id);
    for (const [store, loaded] of found) {
      if (ids.has(loaded.entry.id)) this.#add(loaded, store);
    }
  }

  /** Of an entry in several places, the latest that is authentic counts: some may have been away, or show a former one. */
  #add({ entry, heldBy, isAuthentic }: LoadedEntry, store: JournalStore): void {
    const known = this.#known.get(entry.id);
    const isBetter =
      known === undefined || (isAuthentic && (!known.isAuthentic || entry.revision > known.entry.revision));
    const stores = [...(known?.stores ?? []), store];
    const best = isBetter ? { entry, isAuthentic } : { entry: known.entry, isAuthentic: known.isAuthentic };
    const isBusy = known?.isBusy === true;
    this.#known.set(entry.id, { ...best, stores, isBusy, heldBy: heldBy ?? known?.heldBy ?? null });
  }
}

/** Where a person finds an entry. */
export function placeOf({ entry, stores }: KnownEntry): string {
  return stores.map((store) => store.placeOf(entry.id)).join(", ");
}
