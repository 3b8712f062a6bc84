import { posix } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { sha256 } from "../../../shared/sha256";
import { complaint } from "../../../shared/transport/complaint";
import { type Connection, onHost } from "../../../shared/transport/connection-settings";
import { MOST_LEDGER_BYTES } from "../../../shared/transport/ledger-size";
import { sentence } from "../../../shared/transport/sentence";
import type { Answer, Call, Session } from "../../../shared/transport/session";
import { Ledger, type LedgerPosition, NOTHING_READ } from "./ledger";
import { type LedgerEntry, LedgerUnreadable } from "./ledger-line";

/** The ledger could not be read or written. */
export class LedgerUnusable extends Error {
  override readonly name = "LedgerUnusable";
}

const WHAT_TO_DO =
  "Restore the file from a backup. If you have none, move it away and apply again with every stack of this host: each " +
  "then claims its files again. Files that a stack no longer declares stay there: remove them by hand";

/** A host's ledger: its file, and what this process has read of it. */
export class LedgerFile {
  #ledger = new Ledger();
  #position: LedgerPosition = NOTHING_READ;
  #unwritten = "";
  /** Keeps the first bytes of an incomplete character, as `Ledger` keeps an incomplete line. */
  #decoder = new StringDecoder("utf8");

  constructor(private readonly host: Connection) {}

  get ledger(): Ledger {
    return this.#ledger;
  }

  get path(): string {
    return onHost(this.host, posix.join(this.host.stateDirectory, "ledger"));
  }

  /** Asks for the part of the file that has not been read. `catchUp` takes the answer. */
  question(): Call {
    // A lost session may or may not have written its entries: the file decides.
    if (this.#unwritten !== "") this.#forget();
    const { inode, size } = this.#position;
    return ["ledger", this.path, inode, String(size), String(MOST_LEDGER_BYTES)];
  }

  /** @throws {LedgerUnusable} */
  catchUp({ status, output }: Answer): void {
    if (status !== 0) throw new LedgerUnusable(`${this.path} cannot be read: ${complaint(output)}`);
    try {
      this.#take(output);
    } catch (error) {
      this.#forget();
      if (!(error instanceof LedgerUnreadable)) throw error;
      throw new LedgerUnusable(`${this.path} cannot be read: ${sentence(error.message)} ${WHAT_TO_DO}`);
    }
  }

  #take(output: string): void {
    // The file does not exist.
    if (output === "") {
      this.#forget();
      return;
    }
    const [position = "", contents = ""] = output.split("\n", 2);
    const found = parsePosition(position);
    if (found === NOTHING_READ || output.length > position.length + contents.length + 1)
      throw new LedgerUnreadable("the host's answer is garbled");
    if (found.inode !== this.#position.inode || found.size < this.#position.size) this.#forget();
    const bytes = Buffer.from(contents, "base64");
    // Another question, of another resource, may have been answered meanwhile: then the beginning is known.
    const known = this.#position.size - (found.size - bytes.length);
    if (known < 0 || known > bytes.length || bytes.toString("base64") !== contents) {
      throw new LedgerUnreadable("it has changed while it was read, or the host's answer is garbled");
    }
    this.#ledger.read(this.#decoder.write(bytes.subarray(known)));
    this.#position = found;
  }

  /**
   * Adds entries, to be written by the next `flush`.
   *
   * @throws {LedgerUnusable} if they could not be read back
   */
  note(entries: readonly LedgerEntry[]): void {
    if (entries.length === 0) return;
    // The lock is held, so no other process completes a character or line that was cut off.
    this.#decoder.end();
    try {
      this.#unwritten += this.#ledger.record(entries);
    } catch (error) {
      this.#forget();
      if (!(error instanceof LedgerUnreadable)) throw error;
      throw new LedgerUnusable(`${this.path} cannot be written: ${error.message}`);
    }
  }

  /**
   * Writes new entries and syncs them to the disk. Entries that could not be written are kept for the next
   * call. @throws {LedgerUnusable}
   */
  async flush(session: Session): Promise<void> {
    if (this.#unwritten === "") return;
    const append: Call = ["append", this.path, this.#unwritten];
    this.#written(await session.round([append, ["sync_files", this.path]]));
  }

  /** Writes new entries without a sync. @throws {LedgerUnusable} */
  async flushLazily(session: Session): Promise<void> {
    if (this.#unwritten !== "") this.#written([await session.call("append", this.path, this.#unwritten)]);
  }

  #written(answers: readonly [appended: Answer, ...others: Answer[]]): void {
    const failed = answers.find(({ status }) => status !== 0);
    if (failed !== undefined) {
      // A line may have been cut off: the next one must begin on a new line.
      if (!this.#unwritten.startsWith("\n")) this.#unwritten = `\n${this.#unwritten}`;
      throw new LedgerUnusable(`${this.path} cannot be written: ${complaint(failed.output)}`);
    }
    const { inode, size } = this.#position;
    const isNew = inode === NOTHING_READ.inode;
    // The lock is held, so no other process has appended.
    this.#position = isNew
      ? parsePosition(answers[0].output)
      : { inode, size: size + Buffer.byteLength(this.#unwritten) };
    this.#unwritten = "";
  }

  /** Rewrites the file if most of its lines are out of date. */
  async compact(session: Session): Promise<void> {
    const text = this.#ledger.compacted();
    if (text === undefined) return;
    const staged = posix.join(posix.dirname(this.path), ".ledger.mail-sni-new");
    const [, hash] = await session.round([
      ["stage", staged, "077", text],
      ["hashes", staged],
    ]);
    if (hash.output.startsWith(sha256(text))) {
      await session.round([
        ["sync_files", staged],
        ["rename", staged, this.path],
        ["sync_directories", posix.dirname(this.path)],
      ]);
    }
    this.#forget();
  }

  #forget(): void {
    this.#ledger = new Ledger();
    this.#position = NOTHING_READ;
    this.#unwritten = "";
    this.#decoder = new StringDecoder("utf8");
  }
}

/** Parses `INODE SIZE`; the answer is empty if the file does not exist. */
function parsePosition(text: string): LedgerPosition {
  const [, inode, size] = /^(\d{1,20}) (\d{1,15})\n?$/.exec(text) ?? [];
  return inode === undefined ? NOTHING_READ : { inode, size: Number(size) };
}
