import { type Lifetime, renewalByLifetime, renewalOfIssued } from "../../../shared/time/renewal-time";
import { rfc3339 } from "../../../shared/time/rfc3339";
import type { SuggestedRenewal } from "../../acme/renewal-information";
import { ACME } from "../../messages/acme";
import type { Diagnostics } from "../../protocol/diagnostics";
import type { PrivateState } from "../../protocol/resource";
import type { Values } from "./schema";
import { subjectOf } from "./title";

/**
 * The CA's suggestion; null if it is too late, that is, if it leaves less than half of the time that a
 * renewal by lifetime leaves. A suggestion an hour before the end would let the certificate expire between
 * two runs, without a previous error.
 */
export function timely(suggested: Date | null, { notBefore, notAfter }: Lifetime): Date | null {
  if (suggested === null) return null;
  const latest = (+notAfter + +renewalByLifetime({ notBefore, notAfter })) / 2;
  return +suggested <= latest ? suggested : null;
}

/** When a certificate is renewed, and what is remembered of the CA's suggestions. */
export interface Decision {
  readonly renewAt: Date | null;
  readonly remembered: PrivateState;
  /** A suggestion that does not count. */
  readonly ignored: SuggestedRenewal | null;
}

/**
 * The private state of a certificate that this provider has ordered and for which the CA has named no time to come so far, or none
 * after {@link EARLIEST}. A certificate from elsewhere has none.
 */
const NONE_TO_COME = { renewal: "no time to come was suggested" } as const;

/** The share of its lifetime before which no CA has a certificate renewed, unless it is about to revoke it. */
const EARLIEST = 1 / 10;

/**
 * Decides about a CA's suggestion.
 *
 * A CA that is about to revoke a certificate moves its renewal into the past (RFC 9773 §4.2), and that counts. But a CA
 * that has done so since it issued the certificate would do it to the next one as well, and each apply would order another. So a time in
 * the past counts only if the CA has named one that was still to come for the same certificate. The times of the certificate do not
 * tell these two apart: CAs name an hour ago, and backdate certificates by as much. A time that is about to come, before
 * {@link EARLIEST}, leads to the same, one apply later.
 *
 * @param before the renewal time so far
 * @param remembered of earlier decisions about the same certificate
 */
export function decision(
  suggested: SuggestedRenewal | null,
  lifetime: Lifetime,
  before: Date | null,
  remembered: PrivateState,
  now = Date.now(),
): Decision {
  if (suggested === null) return { renewAt: before, remembered, ignored: null };
  const earliest = +lifetime.notBefore + EARLIEST * (+lifetime.notAfter - +lifetime.notBefore);
  if (+suggested.at <= Math.max(now, earliest) && remembered?.renewal === NONE_TO_COME.renewal)
    return { renewAt: before, remembered, ignored: suggested };
  return { renewAt: timely(suggested.at, lifetime) ?? before, remembered: null, ignored: null };
}

/** The decision about a certificate that was just ordered. */
export function firstDecision(
  suggested: SuggestedRenewal | null,
  lifetime: Lifetime,
  now = Date.now(),
): Decision {
  return decision(suggested, lifetime, renewalOfIssued(lifetime, new Date(now)), NONE_TO_COME, now);
}

/** Warns of a suggestion that does not count. */
export function warnOfIgnored(
  { ignored, renewAt }: Decision,
  certificate: Pick<Values, "names" | "optional_names">,
  diagnostics: Diagnostics,
): void {
  if (ignored === null) return;
  const why = ignored.explanationUrl === null ? "" : ` The CA explains it at ${ignored.explanationUrl}.`;
  const then = renewAt === null ? "" : ` The certificate is renewed at ${rfc3339(renewAt)}, by its lifetime.`;
  diagnostics.warning(
    ACME.renewalTimeIgnored(subjectOf(certificate)),
    `The CA suggests ${rfc3339(ignored.at)} (RFC 9773), which has passed or is near the certificate's issue, and has suggested no later time ` +
      "since then. The next certificate would be due as soon, so that each apply would order another one, until the CA's limits are reached." +
      `${then}${why} Check the clock of this machine; if it is right, report this to the CA. If the CA revokes the certificate, set reissue to ` +
      "another value to replace it now.",
  );
}
