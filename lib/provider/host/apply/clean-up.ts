import { posix } from "node:path";
import { argumentLists } from "../../../shared/transport/argument-lists";
import { onHost } from "../../../shared/transport/connection-settings";
import { ancestors } from "../../../shared/transport/paths";
import type { Call } from "../../../shared/transport/session";
import { describePending, type Ledger, type Use } from "../record/ledger";
import type { LedgerEntry } from "../record/ledger-line";
import { claimedPaths } from "./decision";
import type { SafeDirectories } from "./safe-directories";
import { discardBeside, pathsInWork } from "./temporary-files";
import type { TransactionContext } from "./transaction-context";
import type { Part, Work } from "./work";

/** Removes temporary files, releases claims, and compacts the ledger. */
export class CleanUp {
  constructor(
    private readonly context: TransactionContext,
    private readonly safe: SafeDirectories,
  ) {}

  /**
   * @param stuck paths whose previous version has to stay beside them
   * @throws {LedgerUnusable} after everything else is done
   */
  async run(works: readonly Work[], stuck: ReadonlySet<string>): Promise<void> {
    const { ledgerFile, session } = this.context;
    // Failed changes first: they may return a path to a resource that this batch deletes, which then releases it.
    for (const work of works) if (work.failed) this.#note(this.#givenBack(work));
    for (const work of works) if (!work.failed) this.#note(this.#released(work));
    const paths = pathsInWork(works);
    // The shell runs the calls in order, so the later ones need not wait for the answers to the earlier ones.
    const [areGone] = await Promise.all([
      discardBeside(paths, stuck, this.context, this.safe),
      this.#close(works),
    ]);
    // The next run removes these files, of which one may be a replaced key. Stuck paths are excluded: their previous
    // versions have to stay.
    const retried = areGone ? [] : paths.filter((path) => !stuck.has(path));
    this.#note(retried.map((path) => ["stage", path] as const));
    await ledgerFile.flushLazily(session);
    await ledgerFile.compact(session);
  }

  async #close(works: readonly Work[]): Promise<void> {
    const { ledgerFile, session } = this.context;
    await this.#removeDirectories(works);
    this.#note([["closed"]]);
    for (const work of works) work.pending = describePending(this.#ledger, work.change.token);
    this.#remember(works);
    // Names reach the disk before these lines, so that a change which a power failure undoes is still pending.
    // If only the lines are lost, the next run activates the service again.
    await Promise.all([this.#sync(works), ledgerFile.flushLazily(session)]);
  }

  /** Syncs the directories in which names were added, changed or removed. */
  async #sync(works: readonly Work[]): Promise<void> {
    const { session, host } = this.context;
    const paths = works.flatMap(({ parts, decision }) => [
      ...parts.flatMap(({ steps }) => steps.map(({ path }) => path)),
      ...(decision?.missingDirectories ?? []),
      ...(decision?.linkedDirectories ?? []),
    ]);
    const directories = new Set(paths.map((path) => onHost(host, posix.dirname(path))));
    const lists = argumentLists([...directories].sort());
    await session.round(lists.map((list): Call => ["sync_directories", ...list]));
  }

  get #ledger(): Ledger {
    return this.context.ledgerFile.ledger;
  }

  #note(entries: readonly LedgerEntry[]): void {
    this.context.ledgerFile.note(entries);
  }

  /**
   * Returns the claims of a failed change to the previous owners. For an update these are the claims on all paths
   * of each undone service, so that a configuration and its PEM never belong to two resources, and on the
   * directories made for the change.
   */
  #givenBack({ change, parts, previousOwners, previousUses, decision }: Work): LedgerEntry[] {
    const undone = new Set(parts.filter(isUndone).map(({ service }) => service));
    const files = [...change.files, ...change.links];
    const lost = new Set([
      ...files.filter(({ service }) => undone.has(service)).map(({ path }) => path),
      ...(decision?.missingDirectories ?? []),
    ]);
    const keepsOthers = change.kind === "update" && parts.length > 0;
    return [...previousOwners]
      .filter(([path]) => !keepsOthers || lost.has(path))
      .flatMap(([path, owner]): LedgerEntry[] =>
        owner
          ? [["claim", owner.stack, owner.token, path], ...usedAgain(path, previousUses.get(path))]
          : [["release", change.token, path]],
      );
  }

  /** Releases the paths that the resource owns and no longer declares, unless a program on the host has claimed them. */
  #released({ change }: Work): LedgerEntry[] {
    const declared = new Set(claimedPaths(change));
    const leavesOthers = change.claimsOnHost != null && change.kind !== "delete";
    const removed = new Set(change.removals.map(({ path }) => path));
    return [...this.#ledger.pathsOf(change.token)]
      .filter((path) => !declared.has(path) && (!leavesOthers || removed.has(path)))
      .map((path) => ["release", change.token, path] as const);
  }

  /** Removes empty directories that the provider made and that no resource declares. */
  async #removeDirectories(works: readonly Work[]): Promise<void> {
    const { session, host } = this.context;
    const left = works.flatMap(({ change, decision, failed }) => [
      ...change.removals.map(({ path }) => path),
      ...(failed ? (decision?.missingDirectories ?? []) : []),
    ]);
    const directories = [...new Set(left.flatMap((path) => [path, ...ancestors(path)]))]
      .filter((path) => this.#ledger.madeDirectory(path) && !this.#ledger.owner(path))
      .sort((one, other) => depth(other) - depth(one) || (one < other ? -1 : 1));
    this.#note(this.#linksPutBack(works).map((path) => ["removed", path] as const));
    if (directories.length === 0) return;
    const names = directories.map((path) => onHost(host, path));
    const lists = argumentLists(names);
    const answers = await session.round(lists.map((list): Call => ["remove_directories", ...list]));
    const removed = new Set(answers.flatMap(({ output }) => output.split("\n")));
    this.#note(
      directories.filter((path) => removed.has(onHost(host, path))).map((path) => ["removed", path] as const),
    );
  }

  /** The links that a failed create had replaced by directories, unless another change needs the directory. */
  #linksPutBack(works: readonly Work[]): string[] {
    const linked = ({ decision }: Work) => decision?.linkedDirectories ?? [];
    const needed = new Set(works.filter(({ failed }) => !failed).flatMap(linked));
    return works
      .filter(({ failed, change }) => failed && change.kind === "create")
      .flatMap(linked)
      .filter((path) => !needed.has(path));
  }

  #remember(works: readonly Work[]): void {
    for (const step of works.flatMap(({ parts }) => parts).flatMap(({ done }) => done)) {
      if (step.do === "remove") this.context.memory.removed.add(step.path);
    }
  }
}

function usedAgain(path: string, use: Use | undefined): LedgerEntry[] {
  return use ? [["used", use.service, use.part, use.fate, use.row, path]] : [];
}

function depth(path: string): number {
  return path.split("/").length;
}

function isUndone({ steps, done }: Part): boolean {
  return done.length < steps.length;
}
