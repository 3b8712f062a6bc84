import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import type { JournalBlock } from "../provider-block/blocks";

/** Overrides where the journal is: `off`, or the absolute path of a directory. */
export const JOURNAL_VARIABLE = "MAIL_SNI_JOURNAL";
/** The value with which nothing is written down. */
export const OFF = "off";

export type JournalPlace =
  /** `home` is given if the path is below it by default: it is not created. */
  | { readonly is: "directory"; readonly path: string; readonly home?: string }
  | { readonly is: "hosts"; readonly names: readonly string[] }
  | { readonly is: "off" }
  /** There is no home directory. */
  | { readonly is: "nowhere" };

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where the issuance journal is.
 *
 * @param directory the stack's folder
 */
export function journalPlace(
  block: JournalBlock | undefined,
  environment: Environment,
  directory: string,
): JournalPlace {
  const override = environment[JOURNAL_VARIABLE];
  if (override === OFF) return { is: "off" };
  if (override) return { is: "directory", path: resolve(override) };
  if (block?.hosts !== undefined) return { is: "hosts", names: block.hosts };
  if (block?.directory !== undefined) return configured(block.directory, environment, directory);
  const { XDG_STATE_HOME: state } = environment;
  // The XDG Base Directory Specification has relative paths ignored.
  if (state && isAbsolute(state)) return { is: "directory", path: join(state, "mail-sni") };
  const home = homeOf(environment);
  return home === null
    ? { is: "nowhere" }
    : { is: "directory", path: join(home, ".local/state/mail-sni"), home };
}

function configured(path: string, environment: Environment, directory: string): JournalPlace {
  if (!path.startsWith("~/")) return { is: "directory", path: resolve(directory, path) };
  const home = homeOf(environment);
  return home === null ? { is: "nowhere" } : { is: "directory", path: join(home, path.slice(2)) };
}

/** Null if the user has none, as in a container that runs as a user without a name. */
function homeOf({ HOME: home }: Environment): string | null {
  if (home && isAbsolute(home)) return home;
  try {
    const found = homedir();
    return isAbsolute(found) ? found : null;
  } catch {
    return null;
  }
}
