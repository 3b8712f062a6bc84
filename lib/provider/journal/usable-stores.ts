import { type JournalStore, JournalUnusable } from "./store";

/** The places of a journal, as far as they can be used. One that fails is not tried again by this process. */
export class UsableStores {
  readonly #usable: Set<JournalStore>;
  /** Entries can also be removed where none can be written, as on a full disk. */
  readonly #removable: Set<JournalStore>;
  #problem: JournalUnusable | null;

  /** @param problem why there are no stores, if there should be some */
  constructor(stores: readonly JournalStore[], problem: JournalUnusable | null) {
    this.#usable = new Set(stores);
    this.#removable = new Set(stores);
    this.#problem = problem;
  }

  /** Those that can be read and written. */
  get all(): readonly JournalStore[] {
    return [...this.#usable];
  }

  /** Why nothing can be written: once, and null if something can. */
  takeProblem(): JournalUnusable | null {
    if (this.#usable.size > 0) return null;
    const problem = this.#problem;
    this.#problem = null;
    return problem;
  }

  /** Reads or writes in those of `stores` that can be used. */
  async each(
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

  async remove(stores: readonly JournalStore[], ids: readonly string[]): Promise<void> {
    await this.each(stores, (store) => store.remove(ids), this.#removable);
  }
}
