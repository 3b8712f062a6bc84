import { constants, existsSync, lstatSync, rmSync } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { entryText, type JournalEntry, LONGEST_ENTRY } from "../../shared/journal/entry";
import { isAlive, thisHolder } from "../../shared/journal/holder";
import {
  makePrivateDirectory,
  refuseMissingHome,
  refuseOpenDirectory,
  Unsafe,
} from "../../shared/journal/private-directory";
import { entryFileName, holderOf, readJournalDirectory } from "../../shared/journal/read-directory";
import { printableLine } from "../../shared/text/printable";
import { type JournalStore, JournalUnusable, type Loaded } from "./store";

/**
 * Entries as files of a directory that only this user can enter. The name of a file says which process works on it. It is
 * taken by a rename, which only one process can do.
 */
export class DirectoryStore implements JournalStore {
  readonly isShared = false;
  /** The file of each entry, by its id. */
  readonly #names = new Map<string, string>();
  readonly #sync = new SharedSync(() => syncDirectory(this.name));

  /**
   * @param name the directory's absolute path
   * @param home the home directory, which is not created
   * @param holder whose entries are this process's
   */
  constructor(
    readonly name: string,
    private readonly home?: string,
    private readonly holder = thisHolder(),
  ) {}

  async load(): Promise<Loaded> {
    return this.#attempt(async () => {
      // Without a directory there are no entries. It is created when the first one is written.
      if (!existsSync(this.name)) return { entries: [], ignored: [] };
      refuseOpenDirectory(this.name);
      const { files, ignored, unfinished } = readJournalDirectory(this.name);
      for (const name of unfinished) this.#removeAbandoned(name);
      for (const { name, entry } of files) this.#names.set(entry.id, name);
      const entries = files.map(({ entry, holder }) => ({
        entry,
        heldBy: holder.pid !== this.holder.pid && isAlive(holder) ? holder : null,
        isAuthentic: true,
      }));
      return { entries, ignored };
    });
  }

  async write(entry: JournalEntry, isSynced: boolean): Promise<void> {
    await this.#attempt(async () => {
      await this.#make();
      const name = entryFileName(entry.id, this.holder);
      const path = join(this.name, name);
      if (this.#names.get(entry.id) === name && (await append(path, entryText(entry), isSynced))) return;
      await putInPlace(path, entryText(entry));
      this.#names.set(entry.id, name);
      // In any case: a later version that must not be lost is appended, and does not sync the directory.
      await this.#sync.run();
    });
  }

  async take(id: string): Promise<boolean> {
    return this.#attempt(async () => {
      const [from, to] = [this.#names.get(id), entryFileName(id, this.holder)];
      if (from === undefined) return false;
      try {
        await rename(join(this.name, from), join(this.name, to));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
        throw error;
      }
      this.#names.set(id, to);
      return true;
    });
  }

  async remove(ids: readonly string[]): Promise<void> {
    await this.#attempt(async () => {
      for (const id of ids) {
        const name = this.#names.get(id);
        if (name !== undefined) await rm(join(this.name, name), { force: true });
        this.#names.delete(id);
      }
    });
  }

  placeOf(id: string): string {
    return join(this.name, this.#names.get(id) ?? id);
  }

  /** Creates the directory and its parents, closed to others. */
  async #make(): Promise<void> {
    refuseMissingHome(this.home);
    const made = makePrivateDirectory(this.name);
    refuseOpenDirectory(this.name);
    for (const path of made) await syncDirectory(dirname(path));
  }

  /**
   * Removes a file that a killed process has not finished. A recent one stays: a process on another machine or in a container with
   * the same directory may be writing it, and cannot be seen from here. If it is removed all the same, because the clocks differ, that
   * process writes it once more.
   */
  #removeAbandoned(name: string): void {
    const [path, holder] = [join(this.name, name), holderOf(name)];
    const writtenAt = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (holder !== null && !isAlive(holder) && Date.now() - writtenAt > ABANDONED_AFTER_MS)
      rmSync(path, { force: true });
  }

  async #attempt<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Unsafe) throw new JournalUnusable(`${error.message}.`, error.remedy);
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      throw new JournalUnusable(
        `${this.name} cannot be used: ${printableLine(message)}.`,
        "Make it a directory that the user who runs the engine can write to.",
      );
    }
  }
}

/** The age from which a file counts as abandoned: far longer than an entry takes to write. */
const ABANDONED_AFTER_MS = 60_000;

/** A file that is longer is replaced by its latest version. */
const LONGEST_APPENDED_TO = LONGEST_ENTRY;

/**
 * Appends a later version of an entry: the former one stays whole, whatever is lost of this one. The line break before it ends a
 * version that was cut off.
 *
 * @returns whether it was: not if the file is not there, or is long
 */
async function append(path: string, text: string, isSynced: boolean): Promise<boolean> {
  const { O_WRONLY, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = constants;
  const file = await open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  });
  if (file === null) return false;
  let isShort = false;
  await using(file, async () => {
    isShort = (await file.stat()).size <= LONGEST_APPENDED_TO;
    if (!isShort) return;
    await file.writeFile(`\n${text}`);
    if (isSynced) await file.datasync();
  });
  return isShort;
}

/** How often a file is written that is removed each time before it is in place. */
const MOST_WRITES = 3;

/**
 * Writes a file beside its place, and renames it there. Another machine with the same directory removes it in between if its clock is
 * ahead, or is set forward: then it is written once more.
 */
async function putInPlace(path: string, text: string): Promise<void> {
  const staged = `${path}.new`;
  for (let writes = 1; ; writes++) {
    await replaced(staged, text);
    try {
      return await rename(staged, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT" || writes === MOST_WRITES) throw error;
    }
  }
}

/** Creates a file, in place of one that a failed write has left. That is rare, and `rm` first would cost two system calls each time. */
async function replaced(path: string, text: string): Promise<void> {
  try {
    await written(path, text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    await rm(path, { force: true });
    await written(path, text);
  }
}

/**
 * Creates a file that only this user can read. It neither follows a link nor overwrites a file. Its contents are synced in any case:
 * it may be about to replace one that was, and on some file systems (XFS) an unsynced one is empty after a power failure.
 */
async function written(path: string, text: string): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  await using(await open(path, flags, 0o600), async (file) => {
    await file.writeFile(text);
    await file.datasync();
  }).catch(async (error: unknown) => {
    await rm(path, { force: true });
    throw error;
  });
}

/** After this a rename survives a power failure. */
async function syncDirectory(path: string): Promise<void> {
  await using(await open(path, constants.O_RDONLY | constants.O_DIRECTORY), (file) => file.sync());
}

async function using(file: FileHandle, work: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await work(file);
  } finally {
    await file.close();
  }
}

/** Work that serves all who asked for it before it began. */
class SharedSync {
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(private readonly work: () => Promise<void>) {}

  run(): Promise<void> {
    this.#next ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        this.#running = this.work();
        return this.#running;
      });
    return this.#next;
  }
}
