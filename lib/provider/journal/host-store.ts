import { isEncryptedKey } from "../../shared/encrypted-key";
import { entryText, type JournalEntry } from "../../shared/journal/entry";
import { isAlive, thisHolder } from "../../shared/journal/holder";
import { sentence } from "../../shared/transport/sentence";
import { SessionLost } from "../../shared/transport/session";
import { HostUnreachable } from "../../shared/transport/unreachable";
import { type PrivateLog, PrivateLogUnusable } from "../host/private-log";
import { thisMachine } from "../host/record/this-machine";
import type { KeyPassphrases } from "../keys/key-passphrases";
import { dropLine, type HostEntry, type HostLines, holderText, putLine } from "./host-lines";
import { type JournalStore, JournalUnusable, type Loaded } from "./store";

/** Entries in a log on a mail host. Their keys are encrypted, and the passphrase authenticates them. */
export class HostStore implements JournalStore {
  readonly isShared = true;
  readonly #machine = thisMachine();
  /** The line of each entry as this process has read or written it. Another one has taken the entry if it is another by now. */
  #looked = new Map<string, string>();

  constructor(
    private readonly host: string,
    private readonly log: PrivateLog,
    private readonly lines: HostLines,
    private readonly passphrases: KeyPassphrases,
    private readonly holder = thisHolder(),
  ) {}

  get name(): string {
    return `${this.host}:${this.log.path}`;
  }

  async load(): Promise<Loaded> {
    return this.#attempt(async () => {
      await this.log.read();
      this.#looked = new Map([...this.lines.entries].map(([id, each]) => [id, putLine(each)]));
      const entries = [...this.lines.entries.values()].map((each) => ({
        entry: each.entry,
        heldBy: this.#isHeld(each) ? each.holder : null,
        isAuthentic: this.passphrases.isAuthentic(entryText(each.entry), each.code),
      }));
      return { entries, ignored: this.#ignored() };
    });
  }

  async write(entry: JournalEntry, isSynced: boolean): Promise<void> {
    const code = isEncryptedKey(entry.key) ? this.passphrases.authenticationCode(entryText(entry)) : null;
    const held = this.#heldHere(entry);
    if (code === null || held === null) {
      throw new JournalUnusable(
        `${this.host} keeps encrypted keys only, and there is no passphrase.`,
        "Set MAIL_SNI_KEY_PASSPHRASE.",
      );
    }
    const line = putLine({ ...held, code });
    await this.#attempt(() => this.log.step(() => ({ lines: line, isSynced })));
    this.#looked.set(entry.id, line);
  }

  async take(id: string): Promise<boolean> {
    let taken: string | null = null;
    await this.#attempt(() =>
      this.log.step(() => {
        const found = this.lines.entries.get(id);
        const held = found && this.#heldHere(found.entry);
        const there = found && putLine(found);
        // If the host was lost after the line had been written, it is there already.
        const isWritten = taken !== null && there === taken;
        if (isWritten) return { lines: "", isSynced: false };
        taken = held && there === this.#looked.get(id) ? putLine({ ...found, ...held }) : null;
        return { lines: taken ?? "", isSynced: false };
      }),
    );
    if (taken !== null) this.#looked.set(id, taken);
    return taken !== null;
  }

  async remove(ids: readonly string[]): Promise<void> {
    await this.#attempt(() =>
      this.log.step(() => {
        const there = ids.filter((id) => this.lines.entries.has(id));
        return { lines: there.map(dropLine).join(""), isSynced: false };
      }),
    );
  }

  placeOf(id: string): string {
    return `${this.name}, the lines with ${id}`;
  }

  #ignored(): readonly string[] {
    const { unread } = this.lines;
    if (unread === 0) return [];
    return [`${this.name}: ${unread === 1 ? "one line is not an entry" : `${unread} lines are not entries`}`];
  }

  /** An entry with this process as the one that works on it. Null without a passphrase. */
  #heldHere(entry: JournalEntry): Omit<HostEntry, "code"> | null {
    const held = { entry, machine: this.#machine, holder: this.holder };
    const holderCode = this.passphrases.authenticationCode(holderText(held));
    return holderCode === null ? null : { ...held, holderCode };
  }

  /** A process on another machine cannot be seen: it has ended if its state is not locked. */
  #isHeld(each: HostEntry): boolean {
    const { machine, holder, holderCode } = each;
    const isOther = machine === this.#machine && holder.pid !== this.holder.pid;
    return isOther && isAlive(holder) && this.passphrases.isAuthentic(holderText(each), holderCode);
  }

  /** @param work is done once more if the host was lost: each step changes nothing if it was done already */
  async #attempt<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work().catch((error: unknown) => {
        if (error instanceof SessionLost) return work();
        throw error;
      });
    } catch (error) {
      const isOfHost =
        error instanceof PrivateLogUnusable ||
        error instanceof SessionLost ||
        error instanceof HostUnreachable;
      if (!isOfHost) throw error;
      throw new JournalUnusable(
        `The host ${JSON.stringify(this.host)} cannot be used: ${sentence(error.message)}`,
        "Name several hosts in the provider's journal, so that one is enough.",
      );
    }
  }
}
