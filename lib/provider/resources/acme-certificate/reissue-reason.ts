import { type CertificateName, hasName, parseCertificateName } from "../../../shared/host-name";
import { isUnknown, isWhollyKnown, type Plannable, UNKNOWN } from "../../protocol/values/unknown";
import { isSameDirectory } from "../acme-directory";
import { DEFAULT_KEY_ALGORITHM } from "../issuance";
import {
  differs,
  firstReason,
  type PlannedReason,
  type PossibleReason,
  type ReissueReason,
} from "../reissue-reason";
import type { Config, Values } from "./schema";

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
  ["profile", "profile"],
  ["preferred_chain", "chain"],
  ["reissue", "request"],
] as const satisfies readonly (readonly [WantedName, ReissueReason])[];

/**
 * Returns the first reason to order, or null if the certificate can stay. The result depends on the arguments alone and
 * not on the clock or DNS, because plans must be repeatable.
 *
 * @param provable those of `optional_names` that can be validated now @default those that could be when the
 *   state was read
 */
export function reissueReason(present: Present, wanted: Wanted, provable?: readonly string[]): PlannedReason {
  const compared = COMPARED.map(
    ([input, reason]): PossibleReason => [reason, differs(present[input], wanted[input])],
  );
  return firstReason([
    ["directory", hasOtherDirectory(present, wanted)],
    ...compared,
    ["key", differs(present.key_algorithm, wanted.key_algorithm ?? DEFAULT_KEY_ALGORITHM)],
    ["names", hasOtherNames(present, wanted)],
    ["due", present.renewal_due === true],
    ["optional names", lacks(present, provable ?? possiblyProvable(present, wanted))],
  ]);
}

function hasOtherDirectory(present: Present, { directory_url: wanted }: Wanted): Plannable<boolean> {
  return isUnknown(wanted) ? UNKNOWN : !isSameDirectory(present.directory_url, wanted);
}

/** Whether the existing certificate fits the configuration, so that a failed order can be retried in the next run. */
export function canWait(reason: PlannedReason): boolean {
  return reason === null || reason === "due" || reason === "optional names";
}

/**
 * Whether the certificate has other names than it should. An optional name that can no longer be validated stays until
 * the renewal, because clients still use it.
 */
function hasOtherNames(present: Present, { names, optional_names: optional }: Wanted): Plannable<boolean> {
  if (isWhollyKnown<string[]>(names) && lacks(present, names)) return true;
  if (!isWhollyKnown<string[]>(names) || !isWhollyKnown<string[] | null>(optional)) return UNKNOWN;
  const allowed = [...names, ...(optional ?? [])].map(parseCertificateName);
  return !coveredBy(present).every((name) => hasName(allowed, name));
}

/**
 * The optional names that the CA can probably validate, according to the state: those that it could validate when the state
 * was read, and those that have been added to `optional_names` since.
 */
function possiblyProvable(present: Present, { optional_names: optional }: Wanted): readonly string[] {
  if (!isWhollyKnown<string[] | null>(optional)) return [];
  const lookedUp = new Set((present.optional_names ?? []).map(parseCertificateName));
  return (optional ?? [])
    .map(parseCertificateName)
    .filter((name) => !lookedUp.has(name) || present.provable_names?.includes(name));
}

function lacks(present: Present, names: readonly string[]): boolean {
  const covered = coveredBy(present);
  return names.some((name) => !hasName(covered, parseCertificateName(name)));
}

function coveredBy({ dns_names: dnsNames }: Present): readonly CertificateName[] {
  return (dnsNames ?? []).map(parseCertificateName);
}
