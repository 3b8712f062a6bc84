import { listed } from "../../../shared/errors/wording";
import {
  type HostFilesValues,
  hostFilesIn,
  type PlannedChange,
  type PlannedFile,
} from "../../planned/planned-change";
import { drifted, type Objection, undeployed } from "./refusal";

const CHANGED_UNATTENDED: ReadonlySet<string> = new Set([
  "files",
  "links",
  "directories",
  "pending",
  "missing",
]);

/**
 * Whether an update of files on a host brings other certificates into the same files, serves what is pending, or restores what
 * is missing. What is missing has the values of the last apply, so it has to come back with them.
 *
 * @param drift what has changed there since the last apply; undefined if nothing has
 */
export function objectionToHostFiles(
  change: PlannedChange,
  drift: PlannedChange | undefined,
): Objection | null {
  const others = change.changed.filter((name) => !CHANGED_UNATTENDED.has(name));
  if (others.length > 0) {
    const isDrift = drift !== undefined && others.every((name) => drift.changed.includes(name));
    return (isDrift ? drifted : undeployed)(`its ${listed(others)} would change`);
  }
  const [before, after] = [hostFilesIn(change.before), hostFilesIn(change.after)];
  if (before === null || after === null) return undeployed("would change, and the plan does not say what");
  const deployed = hostFilesIn(drift?.before ?? null);
  return (
    firstOf([...before.files.keys(), ...after.files.keys()], (path) =>
      objectionToFile(path, before.files.get(path), after.files.get(path), deployed?.files.get(path)),
    ) ??
    firstOf([...before.links.keys(), ...after.links.keys()], (path) =>
      objectionToLink(path, before.links.get(path), after.links.get(path), deployed?.links.get(path)),
    ) ??
    objectionToDirectories(before, after, deployed)
  );
}

function firstOf(paths: readonly string[], objection: (path: string) => Objection | null): Objection | null {
  for (const path of paths) {
    const found = objection(path);
    if (found !== null) return found;
  }
  return null;
}

/**
 * @param before on the host; as it was deployed, if it is missing there
 * @param after what the plan makes of it
 * @param deployed what the last apply left there, if the host has changed since
 */
function objectionToFile(
  path: string,
  before: PlannedFile | undefined,
  after: PlannedFile | undefined,
  deployed: PlannedFile | undefined,
): Objection | null {
  if (after === undefined) return undeployed(`${path} would be removed`);
  if (before === undefined) return added(path, deployed !== undefined);
  const wasDeployed = deployed !== undefined && isSameFile(deployed, after);
  if (!isSameFile(before, after))
    return (wasDeployed ? drifted : undeployed)(`permissions or kind of ${path} would change`);
  if (isSameText(before, after)) return null;
  return wasDeployed && isSameText(deployed, after)
    ? drifted(`the text of ${path} was changed on the host, and would be overwritten`)
    : undeployed(`the text of ${path} would change`);
}

function objectionToLink(
  path: string,
  before: string | undefined,
  after: string | undefined,
  deployed: string | undefined,
): Objection | null {
  if (before === after) return null;
  if (after === undefined) return undeployed(`the link ${path} would be removed`);
  if (before === undefined) return added(`the link ${path}`, deployed !== undefined);
  return deployed === after
    ? drifted(`the link ${path} was changed on the host, and would be overwritten`)
    : undeployed(`the target of the link ${path} would change`);
}

function objectionToDirectories(
  { directoryPermissions: before }: HostFilesValues,
  { directoryPermissions: after }: HostFilesValues,
  deployed: HostFilesValues | null,
): Objection | null {
  return firstOf([...before.keys(), ...after.keys()], (path) =>
    objectionToDirectory(path, before.get(path), after.get(path), deployed?.directoryPermissions.get(path)),
  );
}

/** The permissions of a directory are all that there is of it. */
function objectionToDirectory(
  path: string,
  before: string | undefined,
  after: string | undefined,
  deployed: string | undefined,
): Objection | null {
  if (before === after) return null;
  if (after === undefined) return undeployed(`the directory ${path} would be removed`);
  if (before === undefined) return added(`the directory ${path}`, deployed !== undefined);
  return (deployed === after ? drifted : undeployed)(`permissions of the directory ${path} would change`);
}

/** @param wasDeployed whether the last apply left something there: then it was not removed, but replaced */
function added(what: string, wasDeployed: boolean): Objection {
  return wasDeployed
    ? drifted(`${what} was replaced on the host by something else, which would be overwritten`)
    : undeployed(`${what} would be added`);
}

/** Whether two files differ in their contents at most. */
function isSameFile(one: PlannedFile, other: PlannedFile): boolean {
  return (
    one.isText === other.isText &&
    one.service === other.service &&
    one.permissions === other.permissions &&
    one.isKept === other.isKept
  );
}

/** PEMs may differ: a certificate from elsewhere is renewed there. */
function isSameText(one: PlannedFile, other: PlannedFile): boolean {
  return !other.isText || (other.sha256 !== null && one.sha256 === other.sha256);
}
