import type { PlannedAction } from "../../planned/planned-change";
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
}

/**
 * - `issuer`: an account, a CA, the identity of the state, or another resource of this provider
 * - `staged file`: a file of a staging tree
 * - `other provider`: anything else
 */
export type OtherKind = "issuer" | "staged file" | "other provider";

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
    .map(({ stack, change: { address, isOurs, action, reason, changed } }) => {
      const kind = isOurs ? "issuer" : isStagedFile(address) ? "staged file" : "other provider";
      return { stack, address, kind, action, reason, attributes: isOurs ? changed : [] };
    });
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
