import { existsSync, lstatSync, mkdirSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join } from "node:path";

const NAME = "mail-sni";
const OTHERS_WRITE = 0o022;
const OTHERS = 0o077;
const ROOT = 0;

/**
 * The directory for compiled code below `XDG_CACHE_HOME` (`~/.cache`), which is created if it is missing. What is written there is
 * what this process executes. So it is null, and there is no cache, unless the directory belongs to this user and is closed
 * to all others, and only this user and root can put another one in its place.
 */
export function codeCacheDirectory(environment: NodeJS.ProcessEnv): string | null {
  const user = process.geteuid?.();
  // Node.js's own switch: users who want no compiled code on disk set it once.
  if (user === undefined || environment.NODE_DISABLE_COMPILE_CACHE) return null;
  try {
    const home = cacheHome(environment);
    for (const missing of [home, join(home, NAME)]) make(missing, user);
    const directory = join(realpathSync(home), NAME);
    return isClosed(directory, user) && ancestorsOf(directory).every((one) => isSafe(one, user))
      ? directory
      : null;
  } catch {
    // A home that is read-only, missing, or of another user.
    return null;
  }
}

/**
 * Only where it would be used: root with the home directory of another user (`sudo` keeps `HOME` on some systems) leaves nothing
 * there that this user cannot write to. Not with `recursive`: below /proc that never ends.
 */
function make(directory: string, user: number): void {
  if (existsSync(directory)) return;
  const path = join(realpathSync(dirname(directory)), basename(directory));
  if (ancestorsOf(path).every((one) => isSafe(one, user))) mkdirSync(path, { mode: 0o700 });
}

function cacheHome({ XDG_CACHE_HOME }: NodeJS.ProcessEnv): string {
  return XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(homedir(), ".cache");
}

function isClosed(directory: string, user: number): boolean {
  const found = lstatSync(directory);
  return found.isDirectory() && found.uid === user && (found.mode & OTHERS) === 0;
}

/** A shared temporary directory is not, though its sticky bit keeps others from renaming what is in it. */
function isSafe(directory: string, user: number): boolean {
  const { uid, mode } = lstatSync(directory);
  return (uid === user || uid === ROOT) && (mode & OTHERS_WRITE) === 0;
}

function ancestorsOf(directory: string): string[] {
  const above = dirname(directory);
  return above === directory ? [] : [above, ...ancestorsOf(above)];
}
