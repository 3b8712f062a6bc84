import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { removeAbandonedSockets } from "../../shared/abandoned-sockets";
import { fitsSocketPath, isOpen } from "../../shared/socket-path";
import { CliError } from "../errors/cli-error";
import { removeOnExit } from "./remove-on-exit";

const PREFIX = "mail-sni-plan-";
/** Listened on while the process runs, so that others can tell that it does: even from another container. */
const SOCKET = "s";
const FILE_NAME = /^[\w-]+\.tfplan$/;
/** By then a process listens on the socket that it has made. */
const YOUNGEST_MS = 1000;

/** A directory that only this user can enter, for saved plans. */
export interface PrivateDirectory {
  /** @param name letters, digits, `-` and `_`, and `.tfplan` */
  file(name: string): string;
}

/**
 * Makes a directory that no other user can enter, and removes it, with all files, when `work` has ended or this process does:
 * by itself, by an error, or by SIGINT, SIGTERM or SIGHUP. What a process leaves behind that was killed (SIGKILL) is removed by
 * the next call for the same user and `TMPDIR`.
 *
 * @throws CliError `CLI_FILE_UNWRITABLE`; and what `work` throws
 */
export async function withPrivateDirectory<T>(work: (directory: PrivateDirectory) => Promise<T>): Promise<T> {
  const path = made();
  const remove = removeOnExit(() => rmSync(path, { recursive: true, force: true }));
  const server = createServer((connection) => connection.destroy());
  try {
    await once(server.unref().listen(join(path, SOCKET)), "listening").catch(rejectUnwritable);
    await removeAbandonedSockets({
      own: path,
      prefix: PREFIX,
      socket: SOCKET,
      others: FILE_NAME,
      youngestMs: YOUNGEST_MS,
    });
    return await work({ file: (name) => fileIn(path, name) });
  } finally {
    server.close();
    remove();
  }
}

/** In the directory of `TMPDIR` and no other: it may be there to keep the keys of a plan off a disk. */
function made(): string {
  const parent = resolve(tmpdir());
  try {
    if (!fitsSocketPath(parent, PREFIX, SOCKET))
      throw new Error(`the path ${parent} is too long for a socket`);
    if (isOpen(parent)) throw new Error(`other users can exchange what is in ${parent}`);
    return mkdtempSync(join(parent, PREFIX));
  } catch (error) {
    return rejectUnwritable(error);
  }
}

function rejectUnwritable(error: unknown): never {
  throw new CliError(
    "CLI_FILE_UNWRITABLE",
    `There is no place for the plan: ${(error as Error).message}.`,
    "Set TMPDIR to a directory on a local disk, with a short path, in which you alone can create files.",
  );
}

function fileIn(directory: string, name: string): string {
  // Others would not be recognised, and so not be removed, after this process was killed.
  if (!FILE_NAME.test(name)) throw new RangeError(`${name} is not the name of a plan`);
  return join(directory, name);
}
