import {
  type HostJobValues,
  hostJobIn,
  JOB_RESULTS,
  type PlannedAction,
  type PlannedChange,
  retiredRenewersIn,
} from "../../planned/planned-change";
import { ACME_CERTIFICATE, HOST_FILES, PRIVATE_CERTIFICATE } from "../../planned/resource-format";
import { isStagedFile } from "./addresses";
import { changesIn, type PlannedStack, type StackChange } from "./planned-stack";

/** A resource that is neither a certificate nor the files of a host. */
export interface OtherChange {
  readonly stack: string;
  readonly address: string;
  readonly kind: OtherKind;
  readonly action: PlannedAction;
  /** The engine's reason, such as `delete_because_no_resource_config`. */
  readonly reason: string | null;
  /** The top-level attributes that differ; empty for resources of other providers, whose contents are not read. */
  readonly attributes: readonly string[];
  /** What the apply runs on which host; null if it is no job, or if the job is not run. */
  readonly job: JobRun | null;
  /** What the apply switches off or on; null for anything else than old renewers. */
  readonly renewers: RenewerSwitch | null;
}

/** Old renewers that an apply switches. */
export interface RenewerSwitch {
  readonly host: string;
  /** What is switched off, and how; null if only the apply finds out. */
  readonly off: readonly string[] | null;
  /** What is switched on again. */
  readonly on: readonly string[];
  /** What runs again and is switched off, in the words of `pending`; null if nothing does. */
  readonly again: string | null;
}

/** A job that the apply runs on a host. */
export type JobRun = Omit<HostJobValues, "kind">;

/**
 * - `issuer`: an account, a CA, the identity of the state, or another resource of this provider
 * - `job`: a command that runs on a host
 * - `renewers`: clients of CAs that are switched off on a host
 * - `staged file`: a file of a staging tree
 * - `other provider`: anything else
 */
export type OtherKind = "issuer" | "job" | "renewers" | "staged file" | "other provider";

/** A resource that has another address from now on, is imported into the state, or is left over from a replacement. */
export interface AddressChange {
  readonly stack: string;
  readonly address: string;
  readonly change: "moved" | "imported" | "deposed";
  /** The former address of what is moved. */
  readonly from: string | null;
}

export function otherChanges(stacks: readonly PlannedStack[]): OtherChange[] {
  return changesIn(stacks)
    .filter(isOther)
    .map(({ stack, change }) => {
      const { address, isOurs, action, reason, changed } = change;
      const attributes = isOurs ? changed : [];
      const [job, renewers] = [runOf(change), switchOf(change)];
      return { stack, address, kind: kindOf(change), action, reason, attributes, job, renewers };
    });
}

function kindOf({ address, isOurs, before, after }: PlannedChange): OtherKind {
  if (!isOurs) return isStagedFile(address) ? "staged file" : "other provider";
  if (retiredRenewersIn(before ?? after) !== null) return "renewers";
  return hostJobIn(before ?? after) === null ? "issuer" : "job";
}

/** What is removed from the state alone stays as it is on the host. */
function switchOf(change: PlannedChange): RenewerSwitch | null {
  const [before, after] = [retiredRenewersIn(change.before), retiredRenewersIn(change.after)];
  const host = (after ?? before)?.host;
  if (!change.isOurs || host === undefined || change.action === "forget") return null;
  const [was, will] = [before?.plannedPlaces ?? [], after === null ? [] : after.plannedPlaces];
  return {
    host,
    off: will?.filter((place) => !was.includes(place)) ?? null,
    on: was.filter((place) => will?.includes(place) === false),
    again: after === null ? null : (before?.pending ?? null),
  };
}

/** A job runs when it is created, and when an update makes a new result. */
function runOf({ action, before, after, changed, isOurs }: PlannedChange): JobRun | null {
  const job = hostJobIn(after);
  const runs = action === "create" || action === "replace" || changed.some((name) => JOB_RESULTS.has(name));
  if (!isOurs || job === null || !runs) return null;
  const { host, command } = job;
  return { host, command, pending: hostJobIn(before)?.pending ?? null };
}

/** Whether an update only repeats what was deployed: a job, or the switching off of what runs again. */
export function isRepetition({ kind, action, attributes, renewers }: OtherChange): boolean {
  if (kind === "renewers")
    return action === "update" && renewers?.off?.length === 0 && renewers.on.length === 0;
  return kind === "job" && action === "update" && attributes.every((name) => JOB_RESULTS.has(name));
}

function isOther({ change }: StackChange): boolean {
  const { before, after, isData, action, isOurs, type, isDeposed } = change;
  if (isDeposed || isData || action === "no-op" || action === "read") return false;
  return !isOurs || (before ?? after) === null || !HAS_PAGES_OF_ITS_OWN.has(type);
}

/** What `domainChanges` and `hostChanges` are about. */
const HAS_PAGES_OF_ITS_OWN: ReadonlySet<string> = new Set([
  ACME_CERTIFICATE,
  PRIVATE_CERTIFICATE,
  HOST_FILES,
]);

export function addressChanges(stacks: readonly PlannedStack[]): AddressChange[] {
  return changesIn(stacks).flatMap(({ stack, change: { address, movedFrom, isImported, isDeposed } }) => [
    ...(movedFrom === null ? [] : [{ stack, address, change: "moved" as const, from: movedFrom }]),
    ...(isImported ? [{ stack, address, change: "imported" as const, from: null }] : []),
    ...(isDeposed ? [{ stack, address, change: "deposed" as const, from: null }] : []),
  ]);
}
