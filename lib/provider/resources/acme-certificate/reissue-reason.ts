import { hasName, parseCertificateName } from "../../../shared/host-name";
import { isWhollyKnown } from "../../protocol/values/unknown";
import { type Config, DEFAULT_KEY_ALGORITHM, type Values } from "./schema";

/**
 * Why a certificate is ordered although there is one:
 *
 * - `"directory"`, `"profile"`, `"chain"`, `"key"`: `directory_url`, `profile`, `preferred_chain` or `key_algorithm` differs
 * - `"request"`: `reissue` has another text
 * - `"names"`: the certificate lacks one of `names`, or has one that is in neither list any more
 * - `"due"`: its renewal is due
 * - `"optional names"`: one of `optional_names` that it lacks can be proven, or has never been looked up
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

/** What the state says of the certificate that there is. */
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

/** Inputs whose text alone decides. */
const COMPARED = [
  ["directory_url", "directory"],
  ["profile", "profile"],
  ["preferred_chain", "chain"],
  ["reissue", "request"],
] as const satisfies readonly (readonly [WantedName, ReissueReason])[];

/**
 * Returns the first reason to order, or null where the certificate does as it is. What is unknown in a plan counts as
 * different. It depends on its arguments alone, neither on the clock nor on DNS: plans have to be repeatable.
 *
 * @param provable those of `optional_names` that can be proven now; if they were not looked up, the state decides
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

/** Whether the certificate that there is fits the configuration, so that an order that fails can wait for the next run. */
export function canWait(reason: ReissueReason | null): boolean {
  return reason === null || reason === "due" || reason === "optional names";
}

/** An optional name that cannot be proven any more stays until the renewal: it is served today. */
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

/** By what the state says: what could be proven when it was read, and what was not among `optional_names` then. */
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
