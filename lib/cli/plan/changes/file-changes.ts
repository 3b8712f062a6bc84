import { dirname, resolve } from "node:path/posix";
import {
  hostFilesIn,
  type KeptValues,
  type PlannedChange,
  type PlannedFile,
} from "../../planned/planned-change";
import { domainOfAddress } from "./addresses";

/**
 * - `added`: there is no such file of this stack on the host yet
 * - `certificate`: it gets another certificate
 * - `changed`: other contents, such as a server's configuration
 * - `restored`: it was changed or removed on the host, and is written again
 * - `permissions`: only its mode, owner or group
 * - `removed`: from the host
 * - `kept`: it is no longer declared, and stays on the host
 */
export type FileChangeKind =
  | "added"
  | "certificate"
  | "changed"
  | "restored"
  | "permissions"
  | "removed"
  | "kept";

export interface FileChange {
  readonly path: string;
  readonly change: FileChangeKind;
  /** The service that reads the file. */
  readonly service: string | null;
  /** The mail domain that it belongs to, or belonged to; null for the files of the host. */
  readonly domain: string | null;
  /** Mode, owner and group, if they change. */
  readonly permissions: { readonly before: string; readonly after: string } | null;
  /** Whether the names of its resource change too, which explains other contents. */
  readonly hasOtherNames: boolean;
}

export interface LinkChange {
  readonly path: string;
  readonly change: "added" | "moved" | "removed";
  /** Its targets. */
  readonly before: string | null;
  readonly after: string | null;
  readonly service: string | null;
}

/** A file, with the resource that declares it. */
interface Declared extends PlannedFile {
  readonly owner: PlannedChange;
}

/**
 * The files of one host that change, sorted by path. A path that one resource gives up and another takes is one change.
 *
 * @param drifted the paths that are not as the last apply left them
 */
export function fileChanges(changes: readonly PlannedChange[], drifted: ReadonlySet<string>): FileChange[] {
  const before = declaredFiles(changes, (change) => change.before);
  const after = declaredFiles(changes, (change) => change.after);
  return sortedPaths(before, after).flatMap((path) => {
    const then = before.get(path);
    const now = after.get(path);
    const change = kindOf(path, then, now, drifted);
    if (change === null) return [];
    const owner = (now ?? then)?.owner;
    return [
      {
        path,
        change,
        service: (now ?? then)?.service ?? null,
        domain: owner === undefined ? null : domainOfAddress(owner.address),
        permissions: permissionsOf(then, now),
        hasOtherNames: owner?.changed.includes("names") === true,
      },
    ];
  });
}

function kindOf(
  path: string,
  before: Declared | undefined,
  after: Declared | undefined,
  drifted: ReadonlySet<string>,
): FileChangeKind | null {
  if (after === undefined) return before?.isKept ? "kept" : "removed";
  if (before === undefined) return drifted.has(path) ? "restored" : "added";
  if (before.sha256 !== after.sha256) {
    if (drifted.has(path)) return "restored";
    return after.isText ? "changed" : "certificate";
  }
  if (before.permissions !== after.permissions) return "permissions";
  return before.isKept !== after.isKept || before.service !== after.service ? "changed" : null;
}

function permissionsOf(before?: PlannedFile, after?: PlannedFile): FileChange["permissions"] {
  if (before === undefined || after === undefined || before.permissions === after.permissions) return null;
  return { before: before.permissions, after: after.permissions };
}

/** The links of one host that change, sorted by path. */
export function linkChanges(changes: readonly PlannedChange[]): LinkChange[] {
  const before = declaredLinks(changes, (change) => change.before);
  const after = declaredLinks(changes, (change) => change.after);
  const files = [
    declaredFiles(changes, (change) => change.after),
    declaredFiles(changes, (change) => change.before),
  ];
  return sortedPaths(before, after).flatMap((path) => {
    const then = before.get(path) ?? null;
    const now = after.get(path) ?? null;
    if (then === now) return [];
    // It becomes a file, which is listed.
    if (now === null && files[0]?.has(path)) return [];
    const target = resolve(dirname(path), now ?? then ?? "");
    const service = files.map((one) => one.get(target)).find((one) => one !== undefined)?.service ?? null;
    const change = then === null ? "added" : now === null ? "removed" : "moved";
    return [{ path, change, before: then, after: now, service }];
  });
}

type Side = (change: PlannedChange) => KeptValues | null;

function declaredFiles(changes: readonly PlannedChange[], side: Side): ReadonlyMap<string, Declared> {
  return new Map(
    changes.flatMap((owner) =>
      [...(hostFilesIn(side(owner))?.files ?? [])].map(([path, file]) => [path, { ...file, owner }] as const),
    ),
  );
}

function declaredLinks(changes: readonly PlannedChange[], side: Side): ReadonlyMap<string, string> {
  return new Map(changes.flatMap((change) => [...(hostFilesIn(side(change))?.links ?? [])]));
}

function sortedPaths(...maps: readonly ReadonlyMap<string, unknown>[]): string[] {
  return [...new Set(maps.flatMap((map) => [...map.keys()]))].sort();
}
