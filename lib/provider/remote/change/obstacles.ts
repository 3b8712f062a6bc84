import type { Ledger } from "../ledger/ledger";
import { ancestors } from "../paths";
import { adviceOn } from "../session/complaint";
import type { Fact, Facts } from "../session/facts";
import type { Change, DesiredFile, Problem, Removal } from "./change";
import { claimedPaths, type Found, isToGo, linkedDirectories } from "./decision";

/** Why a change cannot be made to this host at all, in words that follow its name; nothing has been touched then. */
export function obstacles(change: Change, found: Found): Problem[] {
  const { facts, ledger, applyOwnership } = found;
  const directories = new Set(change.directories.map(({ path }) => path));
  return [
    ...change.files.filter(({ contents }) => contents.includes("\0")).map(notText),
    ...claimedPaths(change).flatMap((path) => [
      ...foreignClaim(change, path, ledger),
      ...blockedPath(path, facts, directories.has(path)),
    ]),
    ...change.removals.flatMap((removal) => unseenRemoval(removal, change, found)),
    ...(applyOwnership ? plantedLinks(change, found) : []),
  ];
}

function notText({ path }: DesiredFile): Problem {
  return {
    summary: `${path} cannot be written`,
    detail: "the contents hold a NUL character, which neither a PEM nor a configuration can.",
    path,
  };
}

function foreignClaim(change: Change, path: string, ledger: Ledger): Problem[] {
  const owner = ledger.owner(path);
  if (!owner || owner.stack === change.stack) return [];
  return [
    {
      summary: `${path} belongs to another stack`,
      detail:
        `the stack "${owner.stack}" has written it and still declares it; this one is "${change.stack}". ` +
        "Declare the domain in one of them only, or destroy it there first.",
      path,
    },
  ];
}

function blockedPath(path: string, facts: Facts, wantsDirectory: boolean): Problem[] {
  const problem = (detail: string): Problem[] => [{ summary: `${path} cannot be written`, detail, path }];
  const parent = ancestors(path).find((directory) => {
    const fact = facts.get(directory);
    return fact && fact.kind !== "directory" && fact.kind !== "link";
  });
  if (parent) {
    const fact = facts.get(parent);
    return problem(
      fact?.kind === "unavailable"
        ? `${parent} ${unavailable(fact)}`
        : `${parent} is in the way: it is a file, and a directory is needed. Move it away.`,
    );
  }
  const fact = facts.get(path);
  if (fact?.kind === "unavailable") return problem(`it ${unavailable(fact)}`);
  if (fact?.kind === "other")
    return problem("there is a device, a socket or a pipe of this name. Move it away.");
  if (wantsDirectory) {
    return fact?.kind === "file" || fact?.kind === "link"
      ? problem(`there is a ${fact.kind}, and a directory is needed. Move it away.`)
      : [];
  }
  return fact?.kind === "directory" ? problem("there is a directory of this name. Move it away.") : [];
}

function unavailable({ problem = "" }: Fact): string {
  return `cannot be looked at: ${problem}. ${adviceOn(problem) ?? `See why \`stat\` cannot look at it there`}.`;
}

/** Released without having been removed, a key would stay there, known to nobody. */
function unseenRemoval(removal: Removal, change: Change, { facts, ledger }: Found): Problem[] {
  const { path } = removal;
  const fact = facts.get(path);
  if (fact?.kind !== "unavailable" || !isToGo(removal, change, ledger)) return [];
  return [
    {
      summary: `${path} cannot be removed`,
      detail: `it ${unavailable(fact)} Apply again then, so that it does not stay there unnoticed.`,
      path,
    },
  ];
}

/** A link that root has made is part of how the host is laid out; anybody else's can lead to whatever they want. */
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
    return fact?.kind === "link" && fact.uid !== "0" && !replaced.has(directory);
  });
  if (planted === undefined) return [];
  const { owner, target } = facts.get(planted) ?? {};
  return [
    {
      summary: `${path} cannot be ${done}`,
      detail:
        `${planted} is a link to ${target} that belongs to ${owner}, who could have it lead anywhere. Put a directory in ` +
        `its place; if the link is meant, have it belong to root: chown -h root ${planted}.`,
      path,
    },
  ];
}
