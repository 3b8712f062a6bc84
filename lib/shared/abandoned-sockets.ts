import { lstat, readdir, rmdir, stat, unlink } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, join } from "node:path";

/** Directories that each hold the socket of one process, and how to recognise them. */
export interface SocketDirectories {
  /** The directory of this process, just created. The others are beside it. */
  readonly own: string;
  /** The prefix of the directories' names; six characters of mkdtemp(3) follow. */
  readonly prefix: string;
  /** The name of the socket in each directory. */
  readonly socket: string;
  /** Names of other files that may be in such a directory. */
  readonly others?: RegExp;
  /**
   * Whether a directory without its socket is removed too, because the socket's process removes only the
   * socket.
   *
   * @default false
   */
  readonly mayLackSocket?: boolean;
  /**
   * The minimum age of an abandoned directory, in milliseconds: by then a process listens on its socket.
   *
   * @default 600000
   */
  readonly youngestMs?: number;
}

const YOUNGEST_MS = 10 * 60_000;
/** The maximum number of directories that one process removes. The next process removes the rest. */
const MOST_AT_ONCE = 100;

/**
 * Removes directories of killed processes: those whose socket no process listens on. Leaves alone the
 * directories of other users, and any that cannot be removed.
 */
export async function removeAbandonedSockets(directories: SocketDirectories): Promise<void> {
  const { own, prefix } = directories;
  const parent = dirname(own);
  try {
    if (!(await isSafe(parent))) return;
    // Uses the file system's clock: this process's clock may be another machine's, or be changed meanwhile.
    const { mtimeMs: nowMs } = await lstat(own);
    const name = new RegExp(`^${prefix}[A-Za-z0-9]{6}$`);
    const found = (await readdir(parent)).filter((each) => name.test(each)).slice(0, MOST_AT_ONCE);
    await Promise.all(found.map((each) => removeIfAbandoned(join(parent, each), nowMs, directories)));
  } catch {
    // The clean-up is optional: no caller waits for it.
  }
}

/** Whether other users cannot exchange the directory's entries. */
async function isSafe(parent: string): Promise<boolean> {
  const { mode } = await stat(parent);
  return (mode & 0o022) === 0 || (mode & 0o1000) !== 0;
}

async function removeIfAbandoned(
  directory: string,
  nowMs: number,
  { socket, others, mayLackSocket = false, youngestMs = YOUNGEST_MS }: SocketDirectories,
): Promise<void> {
  try {
    const { uid, mtimeMs } = await lstat(directory);
    if (uid !== process.getuid?.() || nowMs - mtimeMs < youngestMs) return;
    const files = await readdir(directory);
    if (!files.every((file) => file === socket || others?.test(file))) return;
    if (files.includes(socket) ? await isListenedOn(join(directory, socket)) : !mayLackSocket) return;
    for (const file of files) await unlink(join(directory, file));
    await rmdir(directory);
  } catch {
    // Another process has removed it, or this user may not.
  }
}

/** Whether a process listens on the socket; true if that cannot be determined. */
function isListenedOn(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    connection.once("connect", () => {
      connection.destroy();
      resolve(true);
    });
    connection.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code !== "ECONNREFUSED"));
  });
}
