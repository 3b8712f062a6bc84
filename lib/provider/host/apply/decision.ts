import { posix } from "node:path";
import { sha256 } from "../../../shared/sha256";
import { ancestors } from "../../../shared/transport/paths";
import { FILE } from "../../messages/files";
import type { Change, DesiredDirectory, DesiredFile, Problem, Removal } from "../desired/change";
import type { Fact, Facts } from "../record/facts";
import type { Ledger } from "../record/ledger";

/** One action on one path. */
export type Step =
  | { readonly do: "put"; readonly path: string; readonly file: DesiredFile; readonly replaces: boolean }
  | { readonly do: "link"; readonly path: string; readonly target: string; readonly replaces: boolean }
  | { readonly do: "remove"; readonly path: string; readonly configuration: boolean };

/** A step, and the service that uses its path. */
export interface ServiceStep {
  readonly service: string | null;
  readonly step: Step;
}

/** The actions for a change, given the present contents of the host. */
export interface Decision {
  readonly steps: readonly ServiceStep[];
  /** Directories to create, parents first. */
  readonly missingDirectories: readonly string[];
  /** Directories whose mode or owner differs from the declared one; the facts have the present one. */
  readonly wrongDirectories: readonly DesiredDirectory[];
  /** Links to directories that real directories have to replace. */
  readonly linkedDirectories: readonly string[];
  readonly warnings: readonly Problem[];
}

export interface Found {
  readonly facts: Facts;
  readonly ledger: Ledger;
  /** Paths that no resource owned before this change. */
  readonly unowned: ReadonlySet<string>;
  readonly applyOwnership: boolean;
}

/** The paths on the host that the decision about `change` depends on. */
export function pathsToLookAt(change: Change): string[] {
  const wanted = claimedPaths(change);
  const removed = change.removals.map(({ path }) => path);
  const made = change.placeholders.flatMap(({ path, configuration }) =>
    configuration ? [path, configuration.path] : [path],
  );
  const all = [...wanted, ...removed, ...made];
  return [...all, ...all.flatMap(ancestors)];
}

/** The paths that the resource owns from now on. */
export function claimedPaths(change: Change): string[] {
  return [...change.files, ...change.links, ...change.directories].map(({ path }) => path);
}

/**
 * Decides the actions that make the host match `change`; none if it matches already.
 *
 * @param placeholders the missing files of placeholders, which no resource claims
 */
export function decide(change: Change, found: Found, placeholders: readonly DesiredFile[] = []): Decision {
  const linked = new Set(linkedDirectories(change, found.facts));
  return {
    steps: [
      ...puts(change, found, linked),
      ...placeholders.map((file) => put(file, found.facts)),
      ...links(change, found, linked),
      ...removals(change, found),
    ],
    missingDirectories: missingDirectories(change, placeholders, found.facts),
    wrongDirectories: [
      ...change.directories.filter((directory) => isWrong(directory, found)),
      ...closedDirectories(change, found).map((path) => ({
        path,
        mode: OPEN_MODE,
        owner: null,
        group: null,
      })),
    ],
    linkedDirectories: [...linked],
    warnings: [...takenOver(change, found, linked), ...[...linked].map(becomesDirectory)],
  };
}

// A link to a directory is replaced by a real one, so the files below it are written again.
function puts(change: Change, found: Found, linked: ReadonlySet<string>): ServiceStep[] {
  return change.files
    .filter((file) => linked.has(posix.dirname(file.path)) || !isAsWanted(file, found))
    .map((file) => put(file, found.facts));
}

function put(file: DesiredFile, facts: Facts): ServiceStep {
  const { path, service } = file;
  return { service, step: { do: "put", path, file, replaces: facts.has(path) } };
}

function links(change: Change, { facts }: Found, linked: ReadonlySet<string>): ServiceStep[] {
  return change.links
    .filter(({ path, target }) => linked.has(posix.dirname(path)) || facts.get(path)?.target !== target)
    .map(({ path, target, service }) => ({
      service,
      step: { do: "link", path, target, replaces: facts.has(path) },
    }));
}

function removals(change: Change, found: Found): ServiceStep[] {
  return change.removals
    .filter((removal) => mayRemove(removal, change, found))
    .map(({ path, configuration, service }) => ({ service, step: { do: "remove", path, configuration } }));
}

function mayRemove(removal: Removal, change: Change, { facts, ledger }: Found): boolean {
  const kind = facts.get(removal.path)?.kind;
  return isToGo(removal, change, ledger) && (kind === "file" || kind === "link");
}

/** Whether the resource still owns a path that has to be removed. */
export function isToGo({ path, keep }: Removal, { token }: Change, ledger: Ledger): boolean {
  return !keep && ledger.owner(path)?.token === token;
}

function isAsWanted(file: DesiredFile, { facts, applyOwnership }: Found): boolean {
  const fact = facts.get(file.path);
  return (
    fact?.kind === "file" &&
    fact.sha256 === sha256(file.contents) &&
    fact.mode === file.mode &&
    (!applyOwnership || isOwnedAsWanted(file, fact))
  );
}

export function isOwnedAsWanted(
  { owner, group }: { readonly owner: string | null; readonly group: string | null },
  fact: Fact,
): boolean {
  return (
    (owner === null || owner === fact.owner || owner === fact.uid) &&
    (group === null || group === fact.group || group === fact.gid)
  );
}

function isWrong(directory: DesiredDirectory, { facts, applyOwnership }: Found): boolean {
  const fact = facts.get(directory.path);
  if (fact?.kind !== "directory") return fact === undefined;
  return fact.mode !== directory.mode || (applyOwnership && !isOwnedAsWanted(directory, fact));
}

/**
 * The mode of directories that the provider makes and no resource declares: a server has to be able to enter
 * them.
 */
export const OPEN_MODE = "0755";

/** Directories that the provider made and whose mode was restricted since. */
export function closedDirectories(
  {
    files,
    links,
  }: { readonly files: readonly { path: string }[]; readonly links: readonly { path: string }[] },
  { facts, ledger }: Pick<Found, "facts" | "ledger">,
): string[] {
  const parents = new Set([...files, ...links].map(({ path }) => posix.dirname(path)));
  return [...parents].filter((path) => {
    const fact = facts.get(path);
    const ours = ledger.madeDirectory(path) && !ledger.owner(path);
    return ours && fact?.kind === "directory" && fact.mode !== OPEN_MODE;
  });
}

function missingDirectories(change: Change, placeholders: readonly DesiredFile[], facts: Facts): string[] {
  const needed = [
    ...change.directories.flatMap(({ path }) => [...ancestors(path), path]),
    ...[...change.files, ...change.links, ...placeholders].flatMap(({ path }) => ancestors(path)),
  ];
  return [...new Set(needed)].filter((path) => !facts.has(path)).sort();
}

/**
 * A link in a directory that is itself a link (`smtp.d -> d`) would replace the very file it points to: the
 * directories of links and of what they point to have to be real.
 */
export function linkedDirectories(change: Change, facts: Facts): string[] {
  const holders = change.links.flatMap(({ path, target }) => [
    posix.dirname(path),
    posix.dirname(posix.resolve(posix.dirname(path), target)),
  ]);
  return [...new Set(holders)].filter((path) => facts.get(path)?.kind === "link").sort();
}

function becomesDirectory(path: string): Problem {
  return {
    summary: FILE.wasLink(path),
    detail: "It is now a directory, which holds the declared files.",
    path,
  };
}

/**
 * Warns of each existing path without an owner that is replaced. A file behind a linked directory is not
 * replaced.
 */
function takenOver(
  change: Change,
  { facts, ledger, unowned }: Found,
  linked: ReadonlySet<string>,
): Problem[] {
  const differs = [
    ...change.files.filter(({ path, contents }) => facts.get(path)?.sha256 !== sha256(contents)),
    ...change.links.filter(({ path, target }) => facts.get(path)?.target !== target),
  ];
  return differs
    .filter(({ path }) => facts.has(path) && unowned.has(path) && !linked.has(posix.dirname(path)))
    .filter(({ path }) => !isPlaceholder(path, facts, ledger))
    .map(({ path }) => ({
      summary: FILE.replaced(path),
      detail:
        "The ledger has no owner for it, and its contents, mode or owner differed from what is declared.",
      path,
    }));
}

function isPlaceholder(path: string, facts: Facts, ledger: Ledger): boolean {
  const found = facts.get(path)?.sha256;
  return found !== undefined && found === ledger.placeholder(path);
}
