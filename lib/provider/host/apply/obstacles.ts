import { posix } from "node:path";
import { groupBy } from "../../../shared/grouping";
import { ancestors } from "../../../shared/transport/paths";
import { FILE } from "../../messages/files";
import type { Change, DesiredFile, Problem, Removal } from "../desired/change";
import { type Fact, type Facts, whyUnavailable } from "../record/facts";
import type { Claim, Ledger } from "../record/ledger";
import { isInForce, type KnownState } from "../record/states";
import { claimedPaths, type Found, isToGo, linkedDirectories } from "./decision";
import { lastWrite, TAKE_OVER_VARIABLE, waysOut } from "./other-state";

/**
 * The reasons why a change is impossible on this host; if there are any, nothing is changed. The details are
 * worded to follow the host's name.
 */
export function obstacles(change: Change, found: Found): Problem[] {
  const { facts, ledger, applyOwnership } = found;
  const directories = new Set(change.directories.map(({ path }) => path));
  return [
    ...change.files.filter(({ contents }) => contents.includes("\0")).map(notText),
    ...othersState(change, ledger),
    ...claimedPaths(change).flatMap((path) => [
      ...foreignClaim(change, path, ledger),
      ...blockedPath(path, facts, directories.has(path)),
    ]),
    ...change.removals.flatMap((removal) => unseenRemoval(removal, change, found)),
    ...(applyOwnership ? [...plantedLinks(change, found), ...closedToGroup(change, found)] : []),
  ];
}

function notText({ path }: DesiredFile): Problem {
  return {
    summary: FILE.cannotBeWritten(path),
    detail: "the contents hold a NUL character, which neither a PEM nor a configuration can.",
    path,
  };
}

function foreignClaim(change: Change, path: string, ledger: Ledger): Problem[] {
  const owner = ledger.owner(path);
  if (!owner || owner.stack === change.stack || isOwn(owner, change, ledger)) return [];
  const state = stateOf(owner, ledger);
  if (state?.standing === "lost") return [];
  return [
    {
      summary: FILE.ofOtherStack(path),
      detail:
        `the stack "${owner.stack}" wrote it and still declares it; this one is "${change.stack}". ` +
        "Declare the domain, or the service whose file it is, in one of them only; or destroy it there first." +
        (state
          ? ` If its state (${state.id}, last changed at ${state.wroteAt} by ${state.machine}) is lost, take its ` +
            `files over: set ${TAKE_OVER_VARIABLE}=${state.id} for one apply.`
          : ""),
      path,
    },
  ];
}

/**
 * Refuses paths that another state of the same stack owns: each state would undo the changes of the other.
 * Reports each state once, not for each path.
 */
function othersState(change: Change, ledger: Ledger): Problem[] {
  const taken = claimedPaths(change).flatMap((path) => {
    const owner = ledger.owner(path);
    const state = owner && !isOwn(owner, change, ledger) ? stateOf(owner, ledger) : undefined;
    return state?.stack === change.stack && isInForce(state, change.place) ? [{ path, state }] : [];
  });
  return [...groupBy(taken, ({ state }) => state)].map(([state, [{ path }, ...others]]) => ({
    summary: FILE.ofOtherState(path),
    detail:
      `${others.length > 0 ? `this and ${others.length} more paths belong` : "it belongs"} to stack "${change.stack}" in ` +
      `${lastWrite(state)}. This state does not have it. ${waysOut([state.id], change.stack)}`,
    path,
  }));
}

/** Whether the claim belongs to the resource, or to another one in the same state. */
function isOwn({ token }: Claim, change: Change, ledger: Ledger): boolean {
  return token === change.token || (change.state !== null && ledger.stateOf(token) === change.state);
}

function stateOf({ token }: Claim, ledger: Ledger): KnownState | undefined {
  const id = ledger.stateOf(token);
  return id === undefined ? undefined : ledger.state(id);
}

function blockedPath(path: string, facts: Facts, wantsDirectory: boolean): Problem[] {
  const problem = (detail: string): Problem[] => [{ summary: FILE.cannotBeWritten(path), detail, path }];
  const parent = ancestors(path).find((directory) => {
    const fact = facts.get(directory);
    return fact && fact.kind !== "directory" && fact.kind !== "link";
  });
  if (parent) {
    const fact = facts.get(parent);
    return problem(
      fact?.kind === "unavailable"
        ? `${parent} ${unavailable(fact)}`
        : `${parent} is a file, but a directory is required there. Move it away.`,
    );
  }
  const fact = facts.get(path);
  if (fact?.kind === "unavailable") return problem(`it ${unavailable(fact)}`);
  if (fact?.kind === "other") return problem("a device, a socket or a pipe has this name. Move it away.");
  if (wantsDirectory) {
    return fact?.kind === "file" || fact?.kind === "link"
      ? problem(`a ${fact.kind} has this name, but a directory is required. Move it away.`)
      : [];
  }
  return fact?.kind === "directory" ? problem("a directory has this name. Move it away.") : [];
}

function unavailable(fact: Fact): string {
  return `cannot be checked: ${whyUnavailable(fact)}`;
}

/**
 * Refuses to remove a file that cannot be checked: otherwise its claim would be released, and a key could stay
 * on the host that no resource knows of.
 */
function unseenRemoval(removal: Removal, change: Change, { facts, ledger }: Found): Problem[] {
  const { path } = removal;
  const fact = facts.get(path);
  if (fact?.kind !== "unavailable" || !isToGo(removal, change, ledger)) return [];
  return [
    {
      summary: FILE.cannotBeRemoved(path),
      detail: `it ${unavailable(fact)} Then apply again, so that the file does not stay there.`,
      path,
    },
  ];
}

/**
 * Refuses files for a group in a directory of root that no group and no other user can enter: qmail does not see such a
 * file, and presents the default certificate. Scripts with a umask of 077, such as hooks of dehydrated, make such
 * directories. The provider opens those that it has made, or that a resource declares. It reports each directory once.
 */
function closedToGroup({ files }: Change, { facts, ledger }: Found): Problem[] {
  const ofGroup = files.filter(({ group, mode }) => !ROOT_GROUP.has(group) && hasAny(mode, 0o040));
  return [...groupBy(ofGroup, ({ path }) => posix.dirname(path))]
    .filter(([directory]) => isClosed(facts.get(directory)))
    .filter(([directory]) => !ledger.madeDirectory(directory) && !ledger.owner(directory))
    .map(([directory, [{ path, group }]]) => ({
      summary: FILE.cannotBeRead(path),
      detail:
        `the group ${group} cannot enter its directory, which is root's and has the mode ${facts.get(directory)?.mode}. Nothing was ` +
        `changed. Let users enter it, and apply again: chmod 755 ${directory}`,
      path,
    }));
}

const ROOT_GROUP: ReadonlySet<string | null> = new Set([null, "root", "0"]);

function isClosed(directory: Fact | undefined): boolean {
  return directory?.kind === "directory" && directory.uid === "0" && !hasAny(directory.mode, 0o011);
}

/** Whether a mode has any of the bits. */
function hasAny(mode: string, any: number): boolean {
  return (Number.parseInt(mode, 8) & any) !== 0;
}

/**
 * Refuses links that another user than root can change. A link that root owns is part of the host's layout. Any
 * other link, or one in another user's directory, can lead anywhere.
 */
function plantedLinks(change: Change, { facts, ledger }: Found): Problem[] {
  const replaced = new Set(linkedDirectories(change, facts));
  const made = change.placeholders.flatMap(({ path, configuration }) => [path, configuration?.path ?? path]);
  const written = [...claimedPaths(change), ...made.filter((path) => !facts.has(path))];
  const removed = change.removals
    .filter(({ path }) => facts.has(path))
    .filter((removal) => isToGo(removal, change, ledger));
  return [
    ...written.flatMap((path) => plantedLink(path, "written", facts, replaced)),
    ...removed.flatMap(({ path }) => plantedLink(path, "removed", facts, replaced)),
  ];
}

function plantedLink(
  path: string,
  done: "written" | "removed",
  facts: Facts,
  replaced: ReadonlySet<string>,
): Problem[] {
  const planted = ancestors(path).find((directory) => {
    const fact = facts.get(directory);
    return fact?.kind === "link" && !replaced.has(directory) && whoseLink(directory, facts) !== null;
  });
  if (planted === undefined) return [];
  const { target } = facts.get(planted) ?? {};
  return [
    {
      summary: done === "removed" ? FILE.cannotBeRemoved(path) : FILE.cannotBeWritten(path),
      detail:
        `${planted} is a link to ${target} ${whoseLink(planted, facts)}, who can redirect it. Declare the ` +
        `directory that it leads to, or put a directory in its place. If the link is intended, make root its owner (chown ` +
        `-h root ${planted}), and the owner of its directory.`,
      path,
    },
  ];
}

/** Which user other than root can change a link, worded to follow its target; null if only root can. */
function whoseLink(path: string, facts: Facts): string | null {
  const link = facts.get(path);
  const directory = facts.get(posix.dirname(path));
  if (link?.uid !== "0") return `that belongs to ${link?.owner}`;
  if (directory === undefined || directory.kind === "link") return null;
  const mode = Number.parseInt(directory.mode, 8);
  // With the sticky bit only owners rename their entries.
  if (directory.uid !== "0") return `in a directory of ${directory.owner}`;
  if ((mode & 0o1000) !== 0) return null;
  if ((mode & 0o002) !== 0) return "in a directory that every user can write to";
  if ((mode & 0o020) !== 0 && directory.gid !== "0") return `in a directory of the group ${directory.group}`;
  return null;
}
