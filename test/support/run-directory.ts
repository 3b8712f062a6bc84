import { existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

/** The environment variable that names the directory of a run to the processes in which tests run. */
export const RUN_DIRECTORY = "MAIL_SNI_TEST_RUN_DIRECTORY";

/** A directory that all test files of a run share, or where it will be: see `share`. */
export function sharedDirectory(name: string): string {
  const run = process.env[RUN_DIRECTORY];
  if (run === undefined)
    throw new Error(`${RUN_DIRECTORY} is set by test/setup/run-directory.ts: run vitest.`);
  return join(run, name);
}

/** A directory to be filled, and shared then. */
export function unsharedDirectory(name: string): string {
  return mkdtempSync(`${sharedDirectory(name)}.`);
}

/** Shares a directory under a name. Several processes may do that at once: all of them use the first one's. */
export function share(directory: string, name: string): string {
  const shared = sharedDirectory(name);
  try {
    renameSync(directory, shared);
  } catch (error) {
    if (!existsSync(shared)) throw error;
    rmSync(directory, { recursive: true, force: true });
  }
  return shared;
}
