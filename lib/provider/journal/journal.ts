import { randomBytes } from "node:crypto";
import type { AccountEntry, CertificateEntry, JournalEntry } from "../../shared/journal/entry";
import { rfc3339 } from "../../shared/time/rfc3339";
import { AcmeFailure } from "../acme/failure";
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
import { type HeldEntry, HolderWaits } from "./holder-waits";
import { type Begun, type Issuance, OwnIssuance } from "./issuance";
import { KnownEntries, type KnownEntry } from "./known-entries";
import type { JournalStore, JournalUnusable } from "./store";
import { UsableStores } from "./usable-stores";
import { warnOfIgnored, warnOfUnusable } from "./warnings";

/** Whose entries a journal reads and writes. */
export interface Run extends Omit<Owner, "state"> {
  /** Whether the engine is gone. The next run may be under way then. */
  readonly isEngineGone?: () => boolean;
}

/**
 * What is being issued is written here before the CA is asked for it, so that an engine that is killed before it saves its state
 * loses nothing: the next run goes on with the order, or takes the certificate.
 */
export class Journal {
  /** States that this run has created: they may never be saved. */
  readonly #newStates = new Set<string>();
  readonly #stores: UsableStores;
  readonly #entries: KnownEntries;
  readonly #waits: HolderWaits;

  /**
   * @param problem why there are no stores, if there should be some
   * @param longestWaitMs how long this run waits for another process that works on entries @default a minute
   */
  constructor(
    private readonly run: Run,
    stores: readonly JournalStore[] = [],
    problem: JournalUnusable | null = null,
    longestWaitMs?: number,
  ) {
    this.#stores = new UsableStores(stores, problem);
    this.#entries = new KnownEntries(this.#stores);
    this.#waits = new HolderWaits(longestWaitMs);
  }

  /** @param state the identity of the resource's state */
  ownerOf(state: string | null): Owner {
    const { stack, place, workspace } = this.run;
    return { stack, place, workspace, state };
  }

  /**
   * Takes an entry that the resource can go on with. Null if there is none.
   *
   * @param signal ends the wait for another process
   * @throws {AcmeFailure} if another process works on it, and does not end
   */
  async takeCertificate(
    wanted: WantedCertificate,
    diagnostics: Diagnostics,
    signal?: AbortSignal,
  ): Promise<Issuance<CertificateEntry> | null> {
    return this.#take((entries) => fittingCertificate(entries, wanted, Date.now()), diagnostics, signal);
  }

  async takeAccount(
    wanted: WantedAccount,
    diagnostics: Diagnostics,
    signal?: AbortSignal,
  ): Promise<Issuance<AccountEntry> | null> {
    return this.#take((entries) => fittingAccount(entries, wanted, Date.now()), diagnostics, signal);
  }

  /**
   * Writes and syncs a new entry. If that is not possible, warns: the certificate is issued all the same.
   *
   * @throws {AcmeFailure} if the engine is gone: the next run may not have seen the entry, and order the same
   */
  async begin<E extends JournalEntry>(begun: Begun<E>, diagnostics: Diagnostics): Promise<Issuance<E>> {
    const id = randomBytes(8).toString("hex");
    const isStateSaved = begun.state !== null && !this.#newStates.has(begun.state);
    const entry = { ...begun, id, revision: 0, begunAt: rfc3339(new Date()), isStateSaved } as unknown as E;
    const issuance = this.#issuance<E>(this.#entries.begin(entry), diagnostics);
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
    await this.#entries.load();
    const obsolete = this.#entries
      .all()
      .filter(
        ({ entry, isBusy, heldBy }) =>
          isInState(entry, saved) ||
          (certificate !== null && !isBusy && heldBy === null && isObsolete(entry, certificate)),
      );
    await Promise.all(obsolete.map((known) => this.#entries.remove(known)));
  }

  /** Notes that a state is saved, so that its entries are for no other state. */
  async noteSavedState(id: string): Promise<void> {
    await this.#entries.load();
    this.#newStates.delete(id);
    await this.#entries.rewrite(({ entry }) => entry.state === id && !entry.isStateSaved, {
      isStateSaved: true,
    });
  }

  /**
   * Gives a new state the entries of those that killed runs have lost.
   *
   * @param signal ends the wait for such a run's provider
   * @throws {AcmeFailure} if the provider of such a run does not end
   */
  async noteNewState(state: string, signal?: AbortSignal): Promise<void> {
    const { stack, place, workspace } = this.run;
    const isLost = ({ entry, stores }: KnownEntry) =>
      entry.stack === stack &&
      entry.state !== null &&
      !entry.isStateSaved &&
      (entry.place === place || (entry.workspace === workspace && stores.some(({ isShared }) => isShared)));
    this.#newStates.add(state);
    await this.#entries.load();
    const held = () =>
      this.#entries
        .all()
        .filter(isHeld)
        .find((known) => known.isAuthentic && isLost(known));
    await this.#untilFree(held, signal);
    await this.#entries.rewrite(isLost, { state, place });
  }

  /** Warns once of what keeps entries from being written or read. */
  report(diagnostics: Diagnostics): void {
    const [problem, ignored] = [this.#stores.takeProblem(), this.#entries.takeIgnored()];
    if (problem !== null) warnOfUnusable(problem, diagnostics);
    if (ignored.length > 0) warnOfIgnored(ignored, diagnostics);
  }

  async #take<E extends JournalEntry>(
    find: (entries: readonly JournalEntry[]) => E | undefined,
    diagnostics: Diagnostics,
    signal: AbortSignal | undefined,
  ): Promise<Issuance<E> | null> {
    await this.#entries.load();
    this.report(diagnostics);
    const found = <K extends KnownEntry>(among: readonly K[]) => {
      const id = find(among.map(({ entry }) => entry))?.id;
      return among.find(({ entry }) => entry.id === id);
    };
    const held = () => found(this.#idle(true).filter(isHeld));
    for (;;) {
      const free = found(this.#free(true)) ?? found(this.#free(false));
      if (free !== undefined) {
        if (await this.#entries.claim(free)) return this.#issuance<E>(free, diagnostics);
      } else if (held() === undefined) return null;
      else await this.#untilFree(held, signal);
    }
  }

  /** Those that no process works on. */
  #free(isAuthentic: boolean): readonly KnownEntry[] {
    return this.#idle(isAuthentic).filter((known) => !isHeld(known));
  }

  /** Those that this process does not work on. */
  #idle(isAuthentic: boolean): readonly KnownEntry[] {
    return this.#entries.all().filter((known) => !known.isBusy && known.isAuthentic === isAuthentic);
  }

  /** @throws {AcmeFailure} */
  async #untilFree(findHeld: () => HeldEntry | undefined, signal: AbortSignal | undefined): Promise<void> {
    await this.#waits.untilFree(findHeld, () => this.#entries.lookAgain(), signal);
  }

  #issuance<E extends JournalEntry>(known: KnownEntry, diagnostics: Diagnostics): Issuance<E> {
    return new OwnIssuance<E>(this.#entries, known, () => this.report(diagnostics));
  }
}

function isHeld(known: KnownEntry): known is HeldEntry {
  return known.heldBy !== null;
}
