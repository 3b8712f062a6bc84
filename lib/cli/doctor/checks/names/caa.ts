import { type CaaProperty, NameServerFailure } from "../../../../shared/dns/name-servers";
import { listed } from "../../../../shared/errors/wording";
import type { Check } from "../../examination/check";
import { type Finding, failure, skipped, well } from "../../examination/finding";
import { caaRefusal } from "./caa-set";
import { AuthorityFailure } from "./certificate-authority";
import { unanswered } from "./dns";
import { isWildcard, type OrderedName } from "./ordered-name";

export const caa: Check<OrderedName> = {
  id: "caa",
  looksAt: "the CAA records of each such name, or of the next name above it that has any (RFC 8659)",
  reports: "that they do not allow the CA of the issuer, or its challenge",
  async findings(ordered) {
    const identities = await identitiesOf(ordered);
    if (identities.length === 0) return [skipped("its CA does not say by which name CAA records allow it")];
    try {
      return [judged(ordered, identities, await relevantSet(ordered))];
    } catch (error) {
      if (!(error instanceof NameServerFailure)) throw error;
      return [unanswered(error)];
    }
  },
};

async function identitiesOf({ authority }: OrderedName): Promise<readonly string[]> {
  try {
    const identities = (await authority?.identities()) ?? [];
    if (identities.length > 0) return identities;
  } catch (error) {
    // The check of the directory says so.
    if (!(error instanceof AuthorityFailure)) throw error;
  }
  return authority?.isLetsEncrypt ? ["letsencrypt.org"] : [];
}

interface CaaSet {
  /** The name that has the records; null if none has. */
  readonly at: string | null;
  readonly records: readonly CaaProperty[];
}

/** The records of the name itself, or of the next name above it that has any. */
async function relevantSet({ name, certificate, lookups }: OrderedName): Promise<CaaSet> {
  const labels = name.replace(/^\*\./, "").split(".");
  for (let first = 0; first < labels.length; first++) {
    const at = labels.slice(first).join(".");
    const records = await lookups.authorities(at, certificate.dnsServers);
    if (records.length > 0) return { at, records };
  }
  return { at: null, records: [] };
}

function judged(ordered: OrderedName, identities: readonly string[], { at, records }: CaaSet): Finding {
  if (at === null) return well(`${ordered.name} has no CAA records: every CA may issue`);
  const refusal = caaRefusal(records, {
    identities,
    isWildcard: isWildcard(ordered),
    challenge: ordered.certificate.webroot === null ? "dns-01" : "http-01",
  });
  if (refusal === null) return well(`the CAA records of ${at} allow ${listed(identities)}`);
  return failure(
    `The CAA records of ${at} ${refusal}: ${identities[0]} will not issue for ${ordered.name}.`,
    `Add the record ${at}. CAA 0 ${isWildcard(ordered) ? "issuewild" : "issue"} "${identities[0]}", or use a CA that is allowed.`,
  );
}
