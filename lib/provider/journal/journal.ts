import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { AccountEntry, CertificateEntry, JournalEntry } from "../../shared/journal/entry";
import { rfc3339 } from "../../shared/time/rfc3339";
import { AcmeFailure } from "../acme/failure";
import { JOURNAL } from "../messages/journal";
import type { Diagnostics } from "../protocol/diagnostics";
import {
  fittingAccount,
  fittingCertificate,
  isInState,
  isObsolete,
  type Owner,
  type SavedCertificate,
  type WantedAccount,
  type WantedCertificate,
} from "./fitting";
import { type JournalStore, JournalUnusable, type LoadedEntry } from "./store";

/** What a caller knows of an entry before it is written. */
export type Begun<E extends JournalEntry> = Omit<E, "id" | "begunAt" | "isStateSaved">;

/**
 * An entry that this process works on. It is one resource's until the process ends, whatever comes of it, and stays until a saved
 * state has what it is for.
 */
export interface Issuance<E extends JournalEntry> {
  readonly entry: E;
  /** Where a person finds it. */
  readonly place: string;
  /** Whether it was written with one of the passphrases of this run, as far as its place asks for that. */
  readonly isAuthentic: boolean;
  /** Writes what is known now. It never fails: an entry that cannot be written becomes a warning. */
  note(news: Partial<E>, options: { readonly isSynced: boolean }): Promise<void>;
  /** Removes the entry: nothing will come of it. */
  abandon(): Promise<void>;
}

/** Whose entries a journal reads and writes. */
export interface Run extends Omit<Owner, "state"> {
  /** Whether the engine is gone. The next run may be under way then. */
  readonly isEngineGone?: () => boolean;
}

interface Known {
  entry: JournalEntry;
  readonly stores: readonly JournalStore[];
  readonly isAuthentic: boolean;
  /** Whether this process works on it. */
  isBusy: boolean;
  /** The id of another process on this machine that still works on it; null if no process does. */
  heldBy: number | null;
}

/**
 * What is being issued is written here before the CA is asked for it, so that an engine that is killed before it saves its state
 * loses nothing: the next run goes on with the order, or takes the certificate.
 */
export class Journal {
  readonly #known = new Map<string, Known>();
  /** States that this run has created: they may never be saved. */
  readonly #newStates = new Set<string>();
  readonly #ignored: string[] = [];
  readonly #usable: Set<JournalStore>;
  /** Entries can also be removed where none can be written, as on a full disk. */
  readonly #removable: Set<JournalStore>;
  #problem: JournalUnusable | null;
  #loaded: Promise<void> | undefined;
  #looking: Promise<void> | undefined;

  /**
   * @param problem why there are no stores, if there should be some
   * @param longestWaitMs how long this run waits for an entry that another process works on
   */
  constructor(
    private readonly run: Run,
    stores: readonly JournalStore[] = [],
    problem: JournalUnusable | null = null,
    private readonly longestWaitMs = LONGEST_WAIT_MS,
  ) {
    this.#usable = new Set(stores);
    this.#removable = new Set(stores);
    this.#problem = problem;
  }

  /** @param state the identity of the resource's state */
  ownerOf(state: string | null): Owner {
    const { stack, place } = this.run;
    return { stack, place, state };
  }

  /** Takes an entry that the resource can go on with. Null if there is none. */
  async takeCertificate(
    wanted: WantedCertificate,
    diagnostics: Diagnostics,
  ): Promise<Issuance<CertificateEntry> | null> {
    return this.#take((entries) => fittingCertificate(entries, wanted, Date.now()), diagnostics);
  }

  async takeAccount(wanted: WantedAccount, diagnostics: Diagnostics): Promise<Issuance<AccountEntry> | null> {
    return this.#take((entries) => fittingAccount(entries, wanted, Date.now()), diagnostics);
  }

  /**
   * Writes and syncs a new entry. If that is not possible, warns: the certificate is issued all the same.
   *
   * @throws {AcmeFailure} if the engine is gone: the next run may not have seen the entry, and order the same
   */
  async begin<E extends JournalEntry>(begun: Begun<E>, diagnostics: Diagnostics): Promise<Issuance<E>> {
    const id = randomBytes(8).toString("hex");
    const isStateSaved = begun.state !== null && !this.#newStates.has(begun.state);
    const entry = { ...begun, id, begunAt: rfc3339(new Date()), isStateSaved } as unknown as E;
    const known = { entry, stores: [...this.#usable], isAuthentic: true, isBusy: true, heldBy: null };
    this.#known.set(id, known);
    const issuance = new OwnIssuance<E>(this, known, diagnostics);
    await issuance.note({}, { isSynced: true });
    if (this.run.isEngineGone?.()) {
      await issuance.abandon();
      throw new AcmeFailure("The engine is gone: nothing was ordered.", "Apply again.");
    }
    return issuance;
  }

  /** Removes the entries that a saved state makes unnecessary. It never fails: the next plan tries again. */
  async crossOut(
    saved: Parameters<typeof isInState>[1],
    certificate: SavedCertificate | null = null,
  ): Promise<void> {
    await this.#load();
    const obsolete = [...this.#known.values()].filter(
      ({ entry, isBusy, heldBy }) =>
        isInState(entry, saved) ||
        (certificate !== null && !isBusy && heldBy === null && isObsolete(entry, certificate)),
    );
    await Promise.all(obsolete.map((known) => this.remove(known)));
  }

  /** Notes that a state is saved, so that its entries are for no other state. */
  async noteSavedState(id: string): Promise<void> {
    await this.#load();
    this.#newStates.delete(id);
    await this.#rewrite(
      ({ entry }) => entry.state === id && !entry.isStateSaved,
      () => ({ isStateSaved: true }),
    );
  }

  /**
   * Gives a new state the entries of those that killed runs have lost.
   *
   * @throws {AcmeFailure} if the provider of such a run does not end
   */
  async noteNewState(state: string): Promise<void> {
    const { stack, place } = this.run;
    const isLost = ({ entry, stores }: Known) =>
      entry.stack === stack &&
      entry.state !== null &&
      !entry.isStateSaved &&
      (entry.place === place || stores.some(({ isShared }) => isShared));
    this.#newStates.add(state);
    await this.#load();
    await this.#untilFree(() =>
      [...this.#known.values()].find((known) => known.heldBy !== null && known.isAuthentic && isLost(known)),
    );
    await this.#rewrite(isLost, () => ({ state, place }));
  }

  /** Writes to all places that can be written to. @returns the last problem if there is none */
  async write({ entry, stores }: Known, isSynced: boolean): Promise<void> {
    await this.#each(stores, (store) => store.write(entry, isSynced));
  }

  async remove(known: Known): Promise<void> {
    this.#known.delete(known.entry.id);
    await this.#each(known.stores, (store) => store.remove([known.entry.id]), this.#removable);
  }

  /** Warns once of what keeps entries from being written or read. */
  report(diagnostics: Diagnostics): void {
    const [problem, ignored] = [this.#usable.size === 0 ? this.#problem : null, this.#ignored.splice(0)];
    if (problem !== null) {
      this.#problem = null;
      diagnostics.warning(
        JOURNAL.unusable,
        `${problem.message} Certificates are issued all the same; those of a run that is killed before its state is saved are lost, ` +
          `and so are their keys. ${problem.remedy}`,
      );
    }
    if (ignored.length === 0) return;
    diagnostics.warning(
      JOURNAL.ignored,
      `${ignored.slice(0, MOST_SHOWN).join(". ")}. ${ignored.length > MOST_SHOWN ? `So were ${ignored.length - MOST_SHOWN} more. ` : ""}` +
        "This run does not use it, and leaves it. Find out who has put it there, and remove it.",
    );
  }

  async #take<E extends JournalEntry>(
    find: (entries: readonly JournalEntry[]) => E | undefined,
    diagnostics: Diagnostics,
  ): Promise<Issuance<E> | null> {
    await this.#load();
    this.report(diagnostics);
    const found = (which: "free" | "held", isAuthentic: boolean) => {
      const entry = find(this.#entries(which, isAuthentic));
      return entry && this.#known.get(entry.id);
    };
    for (;;) {
      const free = found("free", true) ?? found("free", false);
      if (free !== undefined) {
        if (await this.#claim(free)) return new OwnIssuance<E>(this, free, diagnostics);
      } else if (found("held", true) === undefined) return null;
      else await this.#untilFree(() => found("held", true));
    }
  }

  /**
   * Waits while another process works on an entry: a provider whose engine was killed finishes what is under way.
   *
   * @throws {AcmeFailure}
   */
  async #untilFree(findHeld: () => Known | undefined): Promise<void> {
    for (const deadline = Date.now() + this.longestWaitMs; ; ) {
      const held = findHeld();
      if (held === undefined) return;
      if (Date.now() > deadline) throw heldTooLong(held);
      await delay(LOOK_AGAIN_MS);
      await this.#lookAgain();
    }
  }

  /** @param which whether another process works on them */
  #entries(which: "free" | "held", isAuthentic: boolean): readonly JournalEntry[] {
    return [...this.#known.values()]
      .filter(
        (known) =>
          !known.isBusy &&
          (known.heldBy !== null) === (which === "held") &&
          known.isAuthentic === isAuthentic,
      )
      .map(({ entry }) => entry);
  }

  /** Takes an entry in one place at least; otherwise another process has it. */
  async #claim(known: Known): Promise<boolean> {
    known.isBusy = true;
    let isTaken = false;
    await this.#each(known.stores, async (store) => {
      if (await store.take(known.entry.id)) isTaken = true;
    });
    if (!isTaken) this.#known.delete(known.entry.id);
    return isTaken;
  }

  /** Writing an entry authenticates it: one that a host has made up stays as it is. */
  async #rewrite(which: (known: Known) => boolean, change: () => Partial<JournalEntry>): Promise<void> {
    const chosen = [...this.#known.values()].filter(
      (known) => !known.isBusy && known.heldBy === null && known.isAuthentic && which(known),
    );
    await Promise.all(
      chosen.map(async (known) => {
        if (!(await this.#claim(known))) return;
        known.entry = { ...known.entry, ...change() } as JournalEntry;
        await this.write(known, true);
        known.isBusy = false;
      }),
    );
  }

  #load(): Promise<void> {
    this.#loaded ??= this.#read();
    return this.#loaded;
  }

  async #read(): Promise<void> {
    await this.#each([...this.#usable], async (store) => {
      const { entries, ignored } = await store.load();
      this.#ignored.push(...ignored);
      for (const loaded of entries) this.#add(loaded, store);
    });
  }

  /** Reads again what other processes work on. All that wait share one look. */
  #lookAgain(): Promise<void> {
    this.#looking ??= this.#readHeld().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #readHeld(): Promise<void> {
    const found: [JournalStore, LoadedEntry][] = [];
    await this.#each([...this.#usable], async (store) => {
      for (const loaded of (await store.load()).entries) found.push([store, loaded]);
    });
    const held = new Set(
      [...this.#known.values()].filter(({ heldBy }) => heldBy !== null).map(({ entry }) => entry.id),
    );
    for (const id of held) this.#known.delete(id);
    for (const [store, loaded] of found) {
      if (held.has(loaded.entry.id)) this.#add(loaded, store);
    }
  }

  /** Of an entry in several places, the first that is authentic counts, and the one that is further on. */
  #add({ entry, heldBy, isAuthentic }: LoadedEntry, store: JournalStore): void {
    const known = this.#known.get(entry.id);
    const isBetter =
      known === undefined ||
      (isAuthentic && (!known.isAuthentic || progressOf(entry) > progressOf(known.entry)));
    const stores = [...(known?.stores ?? []), store];
    const best = isBetter ? { entry, isAuthentic } : { entry: known.entry, isAuthentic: known.isAuthentic };
    const isBusy = known?.isBusy === true;
    this.#known.set(entry.id, { ...best, stores, isBusy, heldBy: heldBy ?? known?.heldBy ?? null });
  }

  /** Works in several places. One that fails is not tried again by this process. */
  async #each(
    stores: readonly JournalStore[],
    work: (store: JournalStore) => Promise<void>,
    among = this.#usable,
  ): Promise<void> {
    await Promise.all(
      stores.map(async (store) => {
        if (!among.has(store)) return;
        try {
          await work(store);
        } catch (error) {
          if (!(error instanceof JournalUnusable)) throw error;
          for (const places of [this.#usable, among]) places.delete(store);
          this.#problem = error;
        }
      }),
    );
  }
}

const MOST_SHOWN = 5;

/** As long as a provider goes on whose engine was killed, and longer. */
const LONGEST_WAIT_MS = 60_000;
const LOOK_AGAIN_MS = 250;

function heldTooLong(held: Known): AcmeFailure {
  const pid = held.heldBy;
  return new AcmeFailure(
    `Process ${pid} on this machine, the provider of another run, still works on ${placeOf(held)}.`,
    `See what it is: ps -fp ${pid}. If its run goes on, wait until that has ended, and apply again. If its engine was killed, end it: ` +
      `kill ${pid}. This apply has ordered nothing for it, and what the other run has ordered is kept.`,
  );
}

function placeOf({ entry, stores }: Known): string {
  return stores.map((store) => store.placeOf(entry.id)).join(", ");
}

function progressOf(entry: JournalEntry): number {
  if (entry.kind === "account") return 0;
  return [entry.order, entry.leaf].filter((part) => part !== null).length;
}

class OwnIssuance<E extends JournalEntry> implements Issuance<E> {
  constructor(
    private readonly journal: Journal,
    private readonly known: Known,
    private readonly diagnostics: Diagnostics,
  ) {}

  get entry(): E {
    return this.known.entry as E;
  }

  get isAuthentic(): boolean {
    return this.known.isAuthentic;
  }

  get place(): string {
    return placeOf(this.known);
  }

  async note(news: Partial<E>, { isSynced }: { readonly isSynced: boolean }): Promise<void> {
    this.known.entry = { ...this.known.entry, ...news } as JournalEntry;
    await this.journal.write(this.known, isSynced);
    this.journal.report(this.diagnostics);
  }

  async abandon(): Promise<void> {
    await this.journal.remove(this.known);
  }
}
