import { type JournalEntry, revised } from "../../shared/journal/entry";
import { type KnownEntries, type KnownEntry, placeOf } from "./known-entries";

/** What a caller knows of an entry before it is written. */
export type Begun<E extends JournalEntry> = Omit<E, "id" | "revision" | "begunAt" | "isStateSaved">;

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

export class OwnIssuance<E extends JournalEntry> implements Issuance<E> {
  /** @param report warns of what keeps it from being written */
  constructor(
    private readonly entries: KnownEntries,
    private readonly known: KnownEntry,
    private readonly report: () => void,
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
    this.known.entry = revised(this.known.entry, news);
    await this.entries.write(this.known, isSynced);
    this.report();
  }

  async abandon(): Promise<void> {
    await this.entries.remove(this.known);
  }
}
