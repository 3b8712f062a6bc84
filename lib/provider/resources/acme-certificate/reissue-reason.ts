import { hasName, parseCertificateName } from "../../../shared/host-name";
import { isWhollyKnown } from "../../protocol/values/unknown";
import { DEFAULT_KEY_ALGORITHM } from "../issuance";
import type { Config, Values } from "./schema";

/**
 * The reasons to order a certificate although there is one:
 *
 * - `"directory"`, `"profile"`, `"chain"`, `"key"`: `directory_url`, `profile`, `preferred_chain` or
 *   `key_algorithm` differs
 * - `"request"`: `reissue` has another text
 * - `"names"`: the certificate lacks one of `names`, or has one that is no longer in either list
 * - `"due"`: its renewal is due
 * - `"optional names"`: it lacks one of `optional_names` that can be validated or has never been looked up
 */
export type ReissueReason =
  | "directory"
  | "profile"
  | "chain"
  | "request"
  | "key"
  | "names"
  | "due"
  | "optional names";

/** The existing certificate, by the state. */
type Present = Pick<
  Values,
  | "directory_url"
  | "profile"
  | "preferred_chain"
  | "reissue"
  | "key_algorithm"
  | "optional_names"
  | "dns_names"
  | "provable_names"
  | "renewal_due"
>;

type WantedName =
  | "directory_url"
  | "profile"
  | "preferred_chain"
  | "reissue"
  | "key_algorithm"
  | "names"
  | "optional_names";
type Wanted = Pick<Values, WantedName> | Pick<Config, WantedName>;

/** Inputs that are compared as text. */
const COMPARED = [
  ["directory_url", "directory"],
  ["profile", "profile"],
  ["preferred_chain", "chain"],
  ["reissue", "request"],
] as const satisfies readonly (readonly [WantedName, ReissueReason])[];

/**
 * Returns the first reason to order, or null if the certificate can stay. Unknown values in a plan count as
 * different. The result depends on the arguments alone and not on the clock or DNS, because plans must be
 * repeatable.
 *
 * @param provable those of `optional_names` that can be validated now @default those that could be when the
 *   state was read
 */
export function reissueReason(
  present: Present,
  wanted: Wanted,
  provable?: readonly string[],
): ReissueReason | null {
  for (const [input, reason] of COMPARED) if (present[input] !== wanted[input]) return reason;
  if (present.key_algorithm !== (wanted.key_algorithm ?? DEFAULT_KEY_ALGORITHM)) return "key";
  if (!hasRightNames(present, wanted)) return "names";
  if (present.renewal_due === true) return "due";
  return lacks(present, provable ?? possiblyProvable(present, wanted)) ? "optional names" : null;
}

/** Whether the existing certificate fits the configuration, so that a failed order can be retried in the next run. */
export function canWait(reason: ReissueReason | null): boolean {
  return reason === null || reason === "due" || reason === "optional names";
}

/**
 * Whether the certificate has the right names. An optional name that can no longer be validated stays until
 * the renewal, because clients still use it.
 */
function hasRightNames(
  { dns_names: dnsNames }: Present,
  { names, optional_names: optional }: Wanted,
): boolean {
  if (!isWhollyKnown<string[]>(names) || !isWhollyKnown<string[] | null>(optional)) return false;
  const required = names.map(parseCertificateName);
  const allowed = [...required, ...(optional ?? []).map(parseCertificateName)];
  const covered = (dnsNames ?? []).map(parseCertificateName);
  return required.every((name) => hasName(covered, name)) && covered.every((name) => hasName(allowed, name));
}

/**
 * By the state: names that could be validated when it was read, and names that have been added to
 * `optional_names` since.
 */
function possiblyProvable(present: Present, { optional_names: optional }: Wanted): readonly string[] {
  if (!isWhollyKnown<string[] | null>(optional)) return [];
  const lookedUp = new Set((present.optional_names ?? []).map(parseCertificateName));
  return (optional ?? [])
    .map(parseCertificateName)
    .filter((name) => !lookedUp.has(name) || present.provable_names?.includes(name));
}

function lacks({ dns_names: dnsNames }: Present, names: readonly string[]): boolean {
  const covered = (dnsNames ?? []).map(parseCertificateName);
  return names.some((name) => !hasName(covered, parseCertificateName(name)));
}
