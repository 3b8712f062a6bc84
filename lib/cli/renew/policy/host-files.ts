import { listed } from "../../../shared/errors/wording";
import {
  type HostFilesValues,
  hostFilesIn,
  type PlannedChange,
  type PlannedFile,
} from "../../planned/planned-change";
import { drifted, type Objection, undeployed } from "./refusal";

export const HOST_FILES = "mailsni_host_files";

const CHANGED_UNATTENDED: ReadonlySet<string> = new Set(["files", "links", "directories", "pending"]);

/**
 * Whether an update of files on a host brings other certificates into the same files, serves what is pending, or restores what
 * was deployed and is missing.
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
 * @param before on the host; undefined if it is missing there
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
  if (before === undefined) {
    return isRestored(deployed, after) ? null : undeployed(`${path} would be added`);
  }
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
  if (before === undefined) return deployed === after ? null : undeployed(`the link ${path} would be added`);
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
  const wasDeployed = deployed !== undefined && restoredPermissions(deployed, after) === deployed;
  if (before === undefined) return wasDeployed ? null : undeployed(`the directory ${path} would be added`);
  return (wasDeployed ? drifted : undeployed)(`permissions of the directory ${path} would change`);
}

/** Whether a file that is missing on the host comes back as it was. */
function isRestored(deployed: PlannedFile | undefined, after: PlannedFile): boolean {
  if (deployed === undefined || !isSameText(deployed, after)) return false;
  const permissions = restoredPermissions(deployed.permissions, after.permissions);
  return isSameFile(deployed, { ...after, permissions });
}

/** The permissions of a path that comes back. An owner and a group that are not configured are known after the apply only. */
function restoredPermissions(deployed: string, after: string): string {
  const before = deployed.split(" ");
  const [mode, ...owners] = after.split(" ");
  const [owner, group] = [1, 2].map((index) => {
    const configured = owners[index - 1] ?? NOT_CONFIGURED;
    return configured === NOT_CONFIGURED ? before[index] : configured;
  });
  return [mode, owner, group].filter((part) => part !== undefined).join(" ");
}

const NOT_CONFIGURED = "-";

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
