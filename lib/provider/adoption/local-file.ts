import { constants, type Stats } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { printableLine } from "../../shared/text/printable";

/** Why something cannot be adopted, as a sentence that follows the name of what it is about. */
export class Unadoptable extends Error {
  override readonly name = "Unadoptable";
}

/** Far more than a chain and its key, or an account key, need. */
const MOST_BYTES = 1_048_576;

/** What a chain takes, so that hundreds of files do not take the limit of each. */
const CHUNK_BYTES = 16_384;

const WRITABLE_BY_OTHERS = 0o022;
const OPEN_TO_ALL = 0o007;

/**
 * Reads a file of this machine that another program has left. Links are followed, because certbot's `live` consists of
 * them; what they lead to is checked.
 *
 * @param isSecret whether it has a private key: then only root and the user of this process may have written it,
 *   and other users may not read it
 * @throws {Unadoptable} the message never contains anything of the contents
 */
export async function readLocalFile(path: string, { isSecret }: { isSecret: boolean }): Promise<string> {
  // Looked at before it is opened: opening a device or a pipe may have an effect, or never return.
  await attempt(path, async () => check(path, await stat(path), isSecret));
  const file = await attempt(path, () => open(path, constants.O_RDONLY | constants.O_NONBLOCK));
  try {
    // Another file may have the name by now.
    check(path, await file.stat(), isSecret);
    return (await attempt(path, () => contentsOf(path, file))).toString("utf8");
  } finally {
    await file.close();
  }
}

/** The path as messages show it. */
export function shownPath(path: string): string {
  return printableLine(path);
}

async function attempt<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Unadoptable) throw error;
    const { code = "an unknown error" } = error as NodeJS.ErrnoException;
    throw new Unadoptable(
      code === "ENOENT"
        ? `${shownPath(path)} does not exist.`
        : `${shownPath(path)} cannot be read (${code}).`,
    );
  }
}

function check(path: string, status: Stats, isSecret: boolean): void {
  const shown = shownPath(path);
  if (!status.isFile()) throw new Unadoptable(`${shown} is not a regular file.`);
  if (status.size > MOST_BYTES) throw new Unadoptable(`${shown} is larger than ${MOST_BYTES} bytes.`);
  const user = process.geteuid?.();
  if (!isSecret || user === undefined) return;
  if (status.uid !== 0 && status.uid !== user)
    throw new Unadoptable(
      `${shown} belongs to another user (${status.uid}), who knows the key. Only files of root and of the user who deploys are adopted.`,
    );
  const mode = (status.mode & 0o777).toString(8).padStart(4, "0");
  if ((status.mode & WRITABLE_BY_OTHERS) !== 0)
    throw new Unadoptable(`Other users can write ${shown} (mode ${mode}).`);
  if ((status.mode & OPEN_TO_ALL) !== 0)
    throw new Unadoptable(`Every user can read ${shown} (mode ${mode}), so the key is not secret.`);
}

/** Not more than the limit, even if the file grows meanwhile. */
async function contentsOf(path: string, file: FileHandle): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let length = 0; length <= MOST_BYTES; ) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES);
    if (bytesRead === 0) return Buffer.concat(chunks);
    chunks.push(buffer.subarray(0, bytesRead));
    length += bytesRead;
  }
  throw new Unadoptable(`${shownPath(path)} is larger than ${MOST_BYTES} bytes.`);
}
