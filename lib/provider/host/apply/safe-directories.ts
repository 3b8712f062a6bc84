import { ancestors } from "../../../shared/transport/paths";
import type { DesiredDirectory } from "../desired/change";
import type { Facts } from "../record/facts";

/**
 * Directories in which only root or the session's user can create or replace a name, as in all directories
 * above them, and in which no ACL affects who may read new files. There the provider works by path, with one
 * process for many files. Elsewhere another user may replace a directory by a link between a check and its
 * use, or put a pipe where a file is expected: there each directory is entered, and files get their modes and
 * owners before they are moved in.
 */
export class SafeDirectories {
  readonly #known = new Map<string, boolean>();

  /**
   * @param facts of every directory that is checked, and of those above it. A directory without facts does not
   *   exist: the provider will create it
   * @param acls directories with an ACL beyond their mode
   * @param declared the directories with their declared modes and owners
   */
  constructor(
    private readonly facts: Facts,
    private readonly acls: ReadonlySet<string>,
    /** The numbers of trusted users: root, and the user who runs the session. */
    private readonly own: ReadonlySet<string>,
    declared: readonly DesiredDirectory[],
  ) {
    for (const directory of declared) if (isOpen(directory)) this.#known.set(directory.path, false);
  }

  has(directory: string): boolean {
    return ["/", ...ancestors(directory), directory].every((path) => this.#isSafe(path));
  }

  #isSafe(path: string): boolean {
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    const safe = this.#isSafeAsFound(path);
    this.#known.set(path, safe);
    return safe;
  }

  #isSafeAsFound(path: string): boolean {
    const fact = this.facts.get(path);
    if (fact === undefined) return true;
    return (
      fact.kind === "directory" && this.own.has(fact.uid) && !isWritable(fact.mode) && !this.acls.has(path)
    );
  }
}

function isOpen({ mode, owner }: DesiredDirectory): boolean {
  return (owner !== null && owner !== "root" && owner !== "0") || isWritable(mode);
}

/** Whether the group or all users may write. */
function isWritable(mode: string): boolean {
  return (Number.parseInt(mode, 8) & 0o022) !== 0;
}
