import { posix } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { log } from "../../shared/log";
import { Mutex } from "../../shared/mutex";
import { complaint } from "../../shared/transport/complaint";
import { onHost } from "../../shared/transport/connection-settings";
import { KeptSession } from "../../shared/transport/kept-session";
import { MOST_LEDGER_BYTES } from "../../shared/transport/ledger-size";
import type { Answer, Session } from "../../shared/transport/session";
import { inSeconds, type Timeouts } from "../../shared/transport/timeouts";
import type { Transport } from "../../shared/transport/transport";
import { Batches } from "./batches";
import type { HostSettings } from "./desired/host-settings";

/** An error: a log on a host cannot be read or written. */
export class PrivateLogUnusable extends Error {
  override readonly name = "PrivateLogUnusable";
}

/** What a log says, as far as it was read. */
export interface LogReader {
  /** Takes whole lines. */
  read(line: string): void;
  /** Forgets everything: the file is another one. */
  forget(): void;
  /** The lines of a shorter file that says the same; undefined if it would hardly be shorter. */
  compacted(): string | undefined;
}

/** A step of several that are made together. @returns the lines to append, empty for none */
export type LogStep = () => { readonly lines: string; readonly isSynced: boolean };

/**
 * A file of lines in a directory of its own in the state directory of a host, which only the user of the shell can enter. Runs
 * append to it under a lock. Steps that arrive together share two trips to the host.
 */
export class PrivateLog {
  readonly #shell: KeptSession;
  readonly #steps = new Batches((steps: readonly LogStep[]) => this.#mutex.run(() => this.#make(steps)));
  /** An answer is about what was known when it was asked for: no other one may come in between. */
  readonly #mutex = new Mutex();
  #inode = NONE;
  #size = 0;
  #rest = "";
  #decoder = new StringDecoder("utf8");

  /** @param name of its directory */
  constructor(
    private readonly host: HostSettings,
    transport: Transport,
    private readonly timeouts: Timeouts,
    private readonly name: string,
    private readonly reader: LogReader,
  ) {
    this.#shell = new KeptSession(transport, {
      lifetimeMs: timeouts.lockHoldMs,
      reuseMs: timeouts.shellReuseMs,
    });
  }

  get path(): string {
    return posix.join(this.#directory, "entries");
  }

  /** Reads what is new, without the lock. @throws {PrivateLogUnusable} {SessionLost} {HostUnreachable} */
  async read(): Promise<void> {
    await this.#mutex.run(() =>
      this.#shell.begin(async (session) => this.#take(await session.call(...this.#question()))),
    );
  }

  /**
   * Makes a step when everything is read that other runs have appended, and none can append.
   *
   * @throws {PrivateLogUnusable} {SessionLost} {HostUnreachable}
   */
  async step(step: LogStep): Promise<void> {
    await this.#steps.add(step);
  }

  async close(): Promise<void> {
    await this.#steps.settled();
    await this.#shell.close();
  }

  get #directory(): string {
    return onHost(this.host, posix.join(this.host.stateDirectory, this.name));
  }

  async #make(steps: readonly LogStep[]): Promise<readonly undefined[]> {
    const session = await this.#locked();
    try {
      const made = steps.map((step) => step());
      const lines = made.map(({ lines }) => lines).join("");
      const isSynced = made.some(({ isSynced }) => isSynced);
      if (lines !== "") await this.#append(session, lines, isSynced);
    } finally {
      await this.#shell.end((session) => session.call("unlock"));
    }
    return steps.map(() => undefined);
  }

  /** Waits for as long as a shell may hold the lock: that of a machine that was lost while it appended does until its time is over. */
  async #locked(): Promise<Session> {
    const { lockAttemptMs, lockWaitMs } = this.timeouts;
    for (let waitedMs = 0; ; waitedMs += lockAttemptMs) {
      const session = await this.#shell.begin((session) => this.#try(session, lockAttemptMs));
      if (session) return session;
      if (waitedMs === 0) log("info", "Waits for another run that holds a lock", { lock: this.#directory });
      if (waitedMs >= lockWaitMs)
        throw new PrivateLogUnusable(`${this.#directory} cannot be used: another run holds its lock`);
    }
  }

  /** Null if another run still holds the lock after `waitMs`. */
  async #try(session: Session, waitMs: number): Promise<Session | null> {
    const seconds = String(inSeconds(waitMs));
    const [lock, news] = await session.round([["lock", this.#directory, seconds], this.#question()]);
    if (lock.status !== 0 && lock.output.trim() !== "")
      throw new PrivateLogUnusable(`${this.#directory} cannot be used: ${complaint(lock.output)}`);
    if (lock.status !== 0) return null;
    this.#take(news);
    return session;
  }

  async #append(session: Session, lines: string, isSynced: boolean): Promise<void> {
    // A run that was cut off may have left half a line.
    const text = this.#rest === "" ? lines : `\n${lines}`;
    const sync = isSynced ? ([["sync_files", this.path]] as const) : [];
    const isNew = this.#inode === NONE;
    const parents = isSynced && isNew ? ([["sync_directories", this.#directory]] as const) : [];
    const [append, ...others] = await session.round([
      ["append", this.path, text],
      ...sync,
      ...parents,
      this.#question(),
    ]);
    const news = others.pop() ?? append;
    const failed = [append, ...others].find(({ status }) => status !== 0);
    if (failed !== undefined)
      throw new PrivateLogUnusable(`${this.path} cannot be written: ${complaint(failed.output)}`);
    this.#take(news);
    await this.#compact(session);
  }

  async #compact(session: Session): Promise<void> {
    const text = this.reader.compacted();
    if (text === undefined) return;
    const staged = posix.join(this.#directory, ".entries.mail-sni-new");
    const [stage, sync] = await session.round([
      ["stage", staged, "077", text],
      ["sync_files", staged],
    ]);
    if (stage.status !== 0 || sync.status !== 0) return;
    await session.round([
      ["rename", staged, this.path],
      ["sync_directories", this.#directory],
    ]);
  }

  #question() {
    return ["ledger", this.path, this.#inode, String(this.#size), String(MOST_LEDGER_BYTES)] as const;
  }

  #take({ status, output }: Answer): void {
    if (status !== 0) throw new PrivateLogUnusable(`${this.path} cannot be read: ${complaint(output)}`);
    if (output.trim() === "") {
      this.#forget();
      return;
    }
    const [position = "", contents = ""] = output.split("\n", 2);
    const [, inode, size] = /^(\d{1,20}) (\d{1,15})$/.exec(position) ?? [];
    if (inode === undefined)
      throw new PrivateLogUnusable(`${this.path} cannot be read: the host's answer is garbled`);
    if (inode !== this.#inode || Number(size) < this.#size) this.#forget();
    const bytes = Buffer.from(contents, "base64");
    if (bytes.length !== Number(size) - this.#size) {
      throw new PrivateLogUnusable(
        `${this.path} cannot be read: it has changed meanwhile, or the host's answer is garbled`,
      );
    }
    [this.#inode, this.#size] = [inode, Number(size)];
    const lines = `${this.#rest}${this.#decoder.write(bytes)}`.split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") this.reader.read(line);
  }

  #forget(): void {
    this.reader.forget();
    this.#inode = NONE;
    this.#size = 0;
    this.#rest = "";
    this.#decoder = new StringDecoder("utf8");
  }
}

/** No inode has this number. */
const NONE = "0";
