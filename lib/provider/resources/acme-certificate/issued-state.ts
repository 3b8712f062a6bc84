import { renewalByLifetime } from "../../../shared/time/renewal-time";
import { rfc3339 } from "../../../shared/time/rfc3339";
import type { Directory } from "../../acme/directory";
import { suggestedRenewal } from "../../acme/renewal-information";
import { renewalInformationId } from "../../x509/renewal-information-id";
import { digestsOf } from "../certificate-outputs";
import { DEFAULT_KEY_ALGORITHM } from "../issuance";
import { timely } from "./renewal";
import { DEFAULT_CRITICAL_FRACTION, type Values } from "./schema";
import type { Obtained, Renewal, Wanted } from "./wanted";

/** The state of a certificate that was just obtained, whichever way. */
export async function issuedState(
  { config, names: wantedNames, provable, account: { directory } }: Wanted,
  { fullChain: { leaf, chain }, sealedKey, names = wantedNames, renewal, orderedBy }: Obtained,
): Promise<Values> {
  const { id, renewAt } = renewal ?? (await renewalOf(leaf, directory));
  return {
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
    renew_at: rfc3339(renewAt),
    renewal_due: false,
    renewal_information_id: id,
    ordered_by: orderedBy,
  };
}

/** Optional attributes that the state shows, with their defaults. */
export function defaultsOf(config: Values): Pick<Values, "key_algorithm" | "critical_fraction"> {
  return {
    key_algorithm: config.key_algorithm ?? DEFAULT_KEY_ALGORITHM,
    critical_fraction: config.critical_fraction ?? DEFAULT_CRITICAL_FRACTION,
  };
}

async function renewalOf(leaf: Obtained["fullChain"]["leaf"], directory: Directory): Promise<Renewal> {
  const id = renewalInformationId(leaf.pem);
  const suggested = id === null ? null : await suggestedRenewal(directory, id);
  return { id, renewAt: timely(suggested, leaf) ?? renewalByLifetime(leaf) };
}
