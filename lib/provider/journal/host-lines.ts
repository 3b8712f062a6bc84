import { entryText, type JournalEntry, parseEntry } from "../../shared/journal/entry";
import type { Holder } from "../../shared/journal/holder";
import { JsonError } from "../../shared/json/json-error";
import type { LogReader } from "../host/private-log";

/** An entry in the log of a host. */
export interface HostEntry {
  readonly entry: JournalEntry;
  /** `USER@MACHINE` of the process that works on it, or did. */
  readonly machine: string;
  readonly holder: Holder;
  /** Authenticates that this process has written the line: hex. */
  readonly holderCode: string;
  /** Authenticates the entry: hex. The host could write entries, but does not know the passphrase. */
  readonly code: string;
}

/** What `holderCode` authenticates. Without it, a host could name a process that never ends, and keep an entry from all runs. */
export function holderText({ entry: { id }, machine, holder }: Pick<HostEntry, HolderMember>): string {
  return `holder ${id} ${machine} ${holder.pid}-${holder.start}`;
}

type HolderMember = "entry" | "machine" | "holder";

/** The line that writes an entry, new or in place of its former version. */
export function putLine({ entry, machine, holder: { pid, start }, holderCode, code }: HostEntry): string {
  return `put ${machine} ${pid}-${start} ${holderCode} ${code} ${entryText(entry)}`;
}

export function dropLine(id: string): string {
  return `drop ${id}\n`;
}

/** A file is rewritten if it is longer than this, and more than twice as long as it needs to be. */
const LONG = 500_000;

const PUT = /^put ([\x21-\x7e]{1,100}) (\d{1,10})-(\d{1,15}) ([0-9a-f]{64}) ([0-9a-f]{64}) (.*)$/;
const DROP = /^drop ([0-9a-f]{16})$/;

/** What the log of a host says. */
export class HostLines implements LogReader {
  readonly entries = new Map<string, HostEntry>();
  /** The number of lines that cannot be read. */
  unread = 0;
  #length = 0;

  read(line: string): void {
    this.#length += line.length + 1;
    const [, id] = DROP.exec(line) ?? [];
    if (id !== undefined) {
      this.entries.delete(id);
      return;
    }
    const put = entryIn(line);
    if (put !== null) this.entries.set(put.entry.id, put);
    else if (!isCutOff(line)) this.unread += 1;
  }

  forget(): void {
    this.entries.clear();
    this.unread = 0;
    this.#length = 0;
  }

  compacted(): string | undefined {
    // Keys of what is in the state by now are not left on the host, though they are encrypted.
    if (this.entries.size === 0 && this.unread === 0 && this.#length > 0) return "";
    if (this.#length <= LONG) return undefined;
    const text = [...this.entries.values()].map(putLine).join("");
    return text.length * 2 < this.#length ? text : undefined;
  }
}

/** By a full disk, or the end of a shell: it says nothing, and there is nothing to find out about it. */
function isCutOff(line: string): boolean {
  return ["put ", "drop "].some(
    (verb) => verb.startsWith(line) || (line.startsWith(verb) && !line.endsWith("}")),
  );
}

function entryIn(line: string): HostEntry | null {
  const [, machine, pid, start, holderCode, code, text] = PUT.exec(line) ?? [];
  if (machine === undefined || holderCode === undefined || code === undefined || text === undefined)
    return null;
  try {
    const holder = { pid: Number(pid), start: Number(start) };
    return { entry: parseEntry(text), machine, holder, holderCode, code };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return null;
  }
}
