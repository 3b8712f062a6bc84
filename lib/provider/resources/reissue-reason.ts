import { attribute } from "../protocol/schema/schema";
import { isUnknown, type Plannable, UNKNOWN } from "../protocol/values/unknown";

/** The reasons to reissue a certificate although there is one, and what each means. */
const MEANINGS = {
  directory: "`directory_url` changed",
  profile: "`profile` changed",
  chain: "`preferred_chain` changed",
  request: "`reissue` changed",
  ca: "`ca_certificate_pem` is of another CA",
  "common name": "`common_name` changed",
  key: "`key_algorithm` changed",
  validity: "`validity_hours` changed",
  names: "the certificate is for other names than the configuration",
  due: "its renewal is due",
  "optional names": "one of `optional_names` that it lacks can be validated, or was never looked up",
} as const;

export type ReissueReason = keyof typeof MEANINGS;

/** A reason in a plan: unknown if it depends on a value that is known after apply, null if nothing is reissued. */
export type PlannedReason = Plannable<ReissueReason> | null;

/** The attribute `reissue_reason` of a resource that reissues for these reasons, the first of which counts. */
export function reissueReasonAttribute(reasons: readonly ReissueReason[]) {
  const words = reasons.map((reason) => `\`${reason}\` (${MEANINGS[reason]})`).join(", ");
  return attribute.choice(reasons, {
    description:
      "Why the certificate was last reissued; null if it never was. The first of these that applies: " +
      `${words}. The plan that reissues shows it, unless it depends on a value that is known after apply. It stays until ` +
      "the next such plan, also if the reissue failed or turned out to be unnecessary.",
    computed: true,
  });
}

/** A reason, and whether it applies. */
export type PossibleReason = readonly [ReissueReason, Plannable<boolean>];

/**
 * Returns the first reason that applies, or null. Unknown if one that may apply comes before it: then the certificate may
 * have to be reissued.
 */
export function firstReason(reasons: readonly PossibleReason[]): PlannedReason {
  for (const [reason, applies] of reasons) {
    if (isUnknown(applies)) return UNKNOWN;
    if (applies) return reason;
  }
  return null;
}

/** Whether an input differs from the one of the existing certificate. */
export function differs<T extends string | number | null>(
  present: T,
  wanted: Plannable<T>,
): Plannable<boolean> {
  return isUnknown(wanted) ? UNKNOWN : wanted !== present;
}

/**
 * The `reissue_reason` of an applied plan: an engine demands the planned value if that was known, even if nothing was
 * reissued.
 *
 * @param found the reason that was found in the apply, null if nothing had to be reissued
 * @param prior the reason of the plan that reissued before
 */
export function appliedReason(
  planned: PlannedReason,
  found: PlannedReason,
  prior: ReissueReason | null,
): ReissueReason | null {
  if (!isUnknown(planned)) return planned;
  return isUnknown(found) ? prior : (found ?? prior);
}
