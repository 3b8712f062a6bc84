import { rfc3339 } from "../../../shared/time/rfc3339";
import { suggestedRenewal } from "../../acme/renewal-information";
import type { Outcome } from "../../protocol/resource";
import { renewalInformationId } from "../../x509/renewal-information-id";
import { digestsOf } from "../certificate-outputs";
import { DEFAULT_KEY_ALGORITHM } from "../issuance";
import { type Attributes, DEFAULT_CRITICAL_FRACTION, type Values } from "./schema";
import { firstDecision, warnOfIgnored } from "./suggestion";
import type { Obtained, Renewal, Wanted } from "./wanted";

/** The state of a certificate that was just obtained, whichever way. */
export async function issuedState(
  wanted: Wanted,
  obtained: Obtained,
): Promise<Required<Outcome<Attributes>>> {
  const { config, names: wantedNames, provable } = wanted;
  const { sealedKey, names = wantedNames, orderedBy } = obtained;
  const { leaf, chain } = obtained.fullChain;
  const { id, renewAt, remembered = null } = obtained.renewal ?? (await renewalOf(leaf, wanted));
  const state = {
    ...config,
    ...defaultsOf(config),
    dns_names: [...names],
    provable_names: [...provable],
    certificate_pem: leaf.pem,
    chain_pem: chain.map(({ pem }) => pem).join(""),
    private_key_pem: sealedKey,
    ...digestsOf(leaf),
    not_before: rfc3339(leaf.notBefore),
    not_after: rfc3339(leaf.notAfter),
    renew_at: renewAt && rfc3339(renewAt),
    renewal_due: false,
    renewal_information_id: id,
    ordered_by: orderedBy,
  };
  return { state, private: remembered };
}

/** Optional attributes that the state shows, with their defaults. */
export function defaultsOf(config: Values): Pick<Values, "key_algorithm" | "critical_fraction"> {
  return {
    key_algorithm: config.key_algorithm ?? DEFAULT_KEY_ALGORITHM,
    critical_fraction: config.critical_fraction ?? DEFAULT_CRITICAL_FRACTION,
  };
}

async function renewalOf(
  leaf: Obtained["fullChain"]["leaf"],
  { config, account: { directory }, diagnostics }: Wanted,
): Promise<Renewal> {
  const id = renewalInformationId(leaf.pem);
  const decided = firstDecision(id === null ? null : await suggestedRenewal(directory, id), leaf);
  warnOfIgnored(decided, config, diagnostics);
  return { id, ...decided };
}
