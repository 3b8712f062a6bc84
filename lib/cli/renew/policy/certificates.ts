import { OUTPUTS_OF_ISSUE } from "../../../shared/acme/issue-outputs";
import { listed } from "../../../shared/errors/wording";
import { certificateIn, type PlannedChange } from "../../planned/planned-change";
import { type Objection, undeployed } from "./refusal";
import type { RenewedCas } from "./renewed-cas";

/** What a new certificate changes of its resource. Everything else is configuration. */
const OUTPUTS_OF_CERTIFICATE: ReadonlySet<string> = new Set([
  ...OUTPUTS_OF_ISSUE,
  "renewal_due",
  "reissue_reason",
]);

/** The same of a private CA. A renewed one keeps its key, so that clients go on trusting its certificates. */
const OUTPUTS_OF_CA: ReadonlySet<string> = new Set([
  "certificate_pem",
  "fingerprint_sha256",
  "not_before",
  "not_after",
  "renew_at",
  "renewal_due",
  "reissue_reason",
]);

/** Time and DNS alone lead to these. All other reasons are in the configuration. */
const UNATTENDED_REASONS: ReadonlySet<string> = new Set(["due", "optional names"]);

/** Whether an update of a private CA is its renewal. */
export function objectionToCa({ changed, unknown }: PlannedChange): Objection | null {
  const others = changed.filter((name) => !OUTPUTS_OF_CA.has(name));
  if (others.length > 0) return undeployed(`its ${listed(others)} would change`);
  return unknown.includes("certificate_pem") ? null : undeployed("would change without a renewal");
}

/**
 * Whether an update of a certificate is its renewal.
 *
 * @param cas that the same plan renews: their certificates are issued again
 */
export function objectionToCertificate(change: PlannedChange, cas: RenewedCas): Objection | null {
  const { after, changed, unknown } = change;
  const isOfRenewedCa = cas.reissue(change);
  const others = changed.filter(
    (name) => !OUTPUTS_OF_CERTIFICATE.has(name) && !(isOfRenewedCa && name === "ca_certificate_pem"),
  );
  if (others.length > 0) return undeployed(`its ${listed(others)} would change`);
  // Such as the encryption of its key with another passphrase.
  if (!unknown.includes("certificate_pem"))
    return undeployed(`its ${listed(changed)} would change without a renewal`);
  if (isOfRenewedCa) return null;
  const reason = certificateIn(after)?.reissueReason ?? null;
  if (reason === null || unknown.includes("reissue_reason"))
    return undeployed("would be reissued, and the plan does not say why");
  return UNATTENDED_REASONS.has(reason)
    ? null
    : undeployed(`would be reissued for the reason ${JSON.stringify(reason)}`);
}
