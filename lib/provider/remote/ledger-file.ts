import { createHash } from "node:crypto";
import { posix } from "node:path";
import { Ledger, type LedgerEntry, type LedgerPosition, NOTHING_READ } from "./ledger";
import { lastLines } from "./service";
import type { Call, Session } from "./session";
import type { Connection } from "./settings";

/** The ledger could not be read or written; nothing else has been touched then. */
export class LedgerUnusable extends Error {
  override readonly name = "LedgerUnusable";
}

/** The ledger of a host as far as this process knows it, and its file. */
export class LedgerFile {
  #ledger = new Ledger();
  #position: LedgerPosition = NOTHING_READ;
  #unwritten = "";

  constructor(private readonly host: Connection) {}

  get ledger(): Ledger {
    return this.#ledger;
  }

  get path(): string {
    return posix.join(this.host.root, this.host.stateDirectory, "ledger");
  }

  /** The call whose answer `catchUp` takes: whatever the file holds that is not known yet. */
  get question(): Call {
    return ["ledger", this.path, this.#position.inode, String(this.#position.size)];
  }

  /** @throws {LedgerUnusable} */
  catchUp({ status, output }: { status: number; output: string }): void {
    if (status !== 0) throw new LedgerUnusable(`${this.path} cannot be read: ${lastLines(output)}`);
    const [position = "", contents = ""] = output.split("\n");
    if (position === "") {
      this.#forget();
      return;
    }
    const [inode, size] = position.split(" ");
    if (inode !== this.#position.inode || Number(size) < this.#position.size) this.#forget();
    this.#ledger.read(Buffer.from(contents, "base64").toString("utf8"));
    this.#position = { inode, size: Number(size) };
  }

  /** Takes entries in, to be written with the next `flush`. */
  note(entries: readonly LedgerEntry[]): void {
    if (entries.length > 0) this.#unwritten += this.#ledger.record(entries);
  }

  /** Writes what was noted, through to the disk. @throws {LedgerUnusable} */
  async flush(session: Session): Promise<void> {
    if (this.#unwritten === "") return;
    const [written, position] = await session.round([
      ["append", this.path, this.#unwritten],
      ["ledger", this.path, this.#position.inode, "999999999999"],
    ]);
    this.#unwritten = "";
    const [inode, size] = position.output.split("\n")[0].split(" ");
    if (written.status === 0) {
      this.#position = { inode, size: Number(size) };
      return;
    }
    this.#forget();
    throw new LedgerUnusable(`${this.path} cannot be written: ${lastLines(written.output)}`);
  }

  /** Rewrites the file where most of its lines have become history. */
  async compact(session: Session): Promise<void> {
    const text = this.#ledger.compacted();
    if (text === undefined) return;
    const staged = posix.join(posix.dirname(this.path), ".ledger.mail-sni-new");
    const digest = createHash("sha256").update(text).digest("hex");
    await session.call("stage", staged, "022", text);
    const answer = await session.call("hashes", staged);
    if (answer.output.startsWith(digest))
      await session.round([
        ["sync_files", staged],
        ["rename", staged, this.path],
      ]);
    this.#forget();
  }

  #forget(): void {
    this.#ledger = new Ledger();
    this.#position = NOTHING_READ;
  }
}
