import type { JournalEntry } from "../../shared/journal/entry";
import type { Holder } from "../../shared/journal/holder";

/** A place of entries. */
export interface JournalStore {
  /** For messages: a path, or a host and a path. */
  readonly name: string;
  /** Whether runs on other machines use it too. */
  readonly isShared: boolean;
  /** @throws {JournalUnusable} */
  load(): Promise<Loaded>;
  /**
   * Writes an entry, new or in place of its former version. From then on this process holds it.
   *
   * @param isSynced whether it must survive a power failure
   * @throws {JournalUnusable}
   */
  write(entry: JournalEntry, isSynced: boolean): Promise<void>;
  /** Takes an entry, so that no other process does. @returns whether this process has it now @throws {JournalUnusable} */
  take(id: string): Promise<boolean>;
  /** Removes entries; none that are already gone. @throws {JournalUnusable} */
  remove(ids: readonly string[]): Promise<void>;
  /** Where a person finds an entry. */
  placeOf(id: string): string;
}

export interface Loaded {
  readonly entries: readonly LoadedEntry[];
  /** What was not taken for an entry, each with the reason, as a sentence without its full stop. */
  readonly ignored: readonly string[];
}

export interface LoadedEntry {
  readonly entry: JournalEntry;
  /** Another process on this machine that still works on it; null if no process does. */
  readonly heldBy: Holder | null;
  /** Whether it was written with one of the passphrases of this run, where others could write entries. */
  readonly isAuthentic: boolean;
}

/** An error: a place of the journal cannot be read or written. */
export class JournalUnusable extends Error {
  override readonly name = "JournalUnusable";

  /**
   * @param message as a sentence
   * @param remedy as a sentence
   */
  constructor(
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}
