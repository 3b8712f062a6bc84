import { lstat, readdir, rmdir, stat, unlink } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, join } from "node:path";

/** What directories hold sockets, each of one process, and how they are recognised. */
export interface SocketDirectories {
  /** That of this process, made just now. The others are beside it. */
  readonly own: string;
  /** Of their names; six characters of mkdtemp(3) follow. */
  readonly prefix: string;
  /** Name of the socket in each. */
  readonly socket: string;
  /** Other files that may be in one. */
  readonly others?: RegExp;
  /** Whether one without its socket is removed too, since the socket's process cleans up by itself. @default false */
  readonly mayLackSocket?: boolean;
}

/** A process needs less to begin to listen. */
const YOUNGEST_MS = 10 * 60_000;
/** What is left is for the next process. */
const MOST_AT_ONCE = 100;

/**
 * Removes directories that processes have left behind which were killed: nobody listens on their sockets. Those of other
 * users, and whatever else is in the way, are left alone.
 */
export async function removeAbandonedSockets(directories: SocketDirectories): Promise<void> {
  const { own, prefix } = directories;
  const parent = dirname(own);
  try {
    if (!(await isSafe(parent))) return;
    // By the clock of the file system: that of this process may be another machine's, or be set in between.
    const { mtimeMs: nowMs } = await lstat(own);
    const name = new RegExp(`^${prefix}[A-Za-z0-9]{6}$`);
    const found = (await readdir(parent)).filter((each) => name.test(each)).slice(0, MOST_AT_ONCE);
    await Promise.all(found.map((each) => removeIfAbandoned(join(parent, each), nowMs, directories)));
  } catch {
    // Nobody waits for this.
  }
}

/** Others cannot exchange what is in it. */
async function isSafe(parent: string): Promise<boolean> {
  const { mode } = await stat(parent);
  return (mode & 0o022) === 0 || (mode & 0o1000) !== 0;
}

async function removeIfAbandoned(
  directory: string,
  nowMs: number,
  { socket, others, mayLackSocket = false }: SocketDirectories,
): Promise<void> {
  try {
    const { uid, mtimeMs } = await lstat(directory);
    if (uid !== process.getuid?.() || nowMs - mtimeMs < YOUNGEST_MS) return;
    const files = await readdir(directory);
    if (!files.every((file) => file === socket || others?.test(file))) return;
    if (files.includes(socket) ? await isListenedOn(join(directory, socket)) : !mayLackSocket) return;
    for (const file of files) await unlink(join(directory, file));
    await rmdir(directory);
  } catch {
    // Another process has just done the same, or it is not ours to remove.
  }
}

/** Also where that cannot be told. */
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
