import type { PublicFacts } from "../../inputs/public-facts";
import type { StackPlan } from "../../planned/planned-change";
import type { Refusal } from "../policy/refusal";

/**
 * The mail domains whose certificates are due; where the facts do not have one, its first name. A certificate that is reissued for a
 * reason that is refused may be due as well.
 */
export function dueIn(
  { changes }: StackPlan,
  refusals: readonly Refusal[],
  facts: PublicFacts | null,
): string[] {
  const refused = new Set(refusals.map(({ address }) => address));
  const domains = new Map(
    [...(facts?.certificates ?? [])].map(([domain, { fingerprintSha256 }]) => [fingerprintSha256, domain]),
  );
  return changes.flatMap(({ before, unknown, address }) =>
    before?.kind === "certificate" &&
    unknown.includes("certificate_pem") &&
    (before.isDue || !refused.has(address))
      ? [domains.get(before.fingerprintSha256) ?? before.names[0] ?? address]
      : [],
  );
}

/** The mail domains whose certificate is another one than before. */
export function renewedBetween(before: PublicFacts | null, after: PublicFacts | null): string[] | null {
  if (before === null || after === null) return null;
  return [...after.certificates].flatMap(([domain, { fingerprintSha256 }]) =>
    before.certificates.get(domain)?.fingerprintSha256 === fingerprintSha256 ? [] : [domain],
  );
}
