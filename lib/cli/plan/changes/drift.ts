import {
  type HostFilesValues,
  hostFilesIn,
  JOB_RESULTS,
  type PlannedChange,
  type PlannedFile,
  presentValues,
} from "../../planned/planned-change";
import type { PlannedStack } from "./planned-stack";

/** What is not as the last apply left it. */
export interface Drift {
  readonly stack: string;
  readonly address: string;
  /** The mail host; null for what is not on one. */
  readonly host: string | null;
  readonly change: "changed" | "missing";
  /** What differs on the host. */
  readonly paths: readonly DriftedPath[];
  /** The top-level attributes that differ, of what is not on a host. */
  readonly attributes: readonly string[];
}

export interface DriftedPath {
  readonly path: string;
  readonly drift: "missing" | "changed" | "permissions";
}

/** The drift, in the order of the plans. Leaves out what only the passing of time has changed. */
export function driftIn(stacks: readonly PlannedStack[]): Drift[] {
  return stacks.flatMap(({ stack, plan }) =>
    plan.drift.flatMap((change) => driftOf(change).map((drift) => ({ stack, ...drift }))),
  );
}

/** What a refresh of a certificate computes: it depends on the time, or on what DNS and the CA say. */
const OBSERVED: readonly string[] = ["renewal_due", "renew_at", "renewal_information_id", "provable_names"];

function driftOf({ address, action, before, after, changed, isOurs }: PlannedChange): Omit<Drift, "stack">[] {
  const change = action === "delete" ? "missing" : "changed";
  if (before?.kind === "host files") {
    const now = hostFilesIn(after);
    const paths = driftedPaths(presentValues(before), now && presentValues(now));
    const { host } = before;
    return paths.length === 0 && change === "changed"
      ? []
      : [{ address, host, change, paths, attributes: [] }];
  }
  const isObserved = (attribute: string) =>
    before?.kind === "host job" ? JOB_RESULTS.has(attribute) : OBSERVED.includes(attribute);
  const attributes = isOurs ? changed.filter((attribute) => !isObserved(attribute)) : [];
  if (isOurs && change === "changed" && attributes.length === 0) return [];
  return [{ address, host: null, change, paths: [], attributes }];
}

function driftedPaths(before: HostFilesValues, after: HostFilesValues | null): DriftedPath[] {
  const files = [...before.files].flatMap(([path, file]) => {
    const drift = fileDrift(file, after?.files.get(path));
    return drift === null ? [] : [{ path, drift }];
  });
  const links = [...before.links].flatMap(([path, target]): DriftedPath[] => {
    const now = after?.links.get(path);
    return now === target ? [] : [{ path, drift: now === undefined ? "missing" : "changed" }];
  });
  const directories = before.directories
    .filter((path) => after?.directories.includes(path) !== true)
    .map((path) => ({ path, drift: "missing" }) as const);
  return [...files, ...links, ...directories].sort((one, other) => (one.path < other.path ? -1 : 1));
}

function fileDrift(before: PlannedFile, after: PlannedFile | undefined): DriftedPath["drift"] | null {
  if (after === undefined) return "missing";
  if (before.sha256 !== after.sha256) return "changed";
  return before.permissions === after.permissions ? null : "permissions";
}
