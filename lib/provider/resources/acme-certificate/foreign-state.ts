import { renewalByLifetime } from "../../../shared/time/renewal-time";
import { rfc3339 } from "../../../shared/time/rfc3339";
import type { CertificatePair } from "../../adoption/certificate-pair";
import { renewalInformationId } from "../../x509/renewal-information-id";
import { digestsOf } from "../certificate-outputs";
import { DEFAULT_CRITICAL_FRACTION, type Values } from "./schema";

/**
 * The state of a certificate that the provider did not obtain, before its configuration is known: the next apply brings in the
 * account and the challenge, and orders nothing if the rest is as configured.
 */
export function foreignState(
  { leaf, chain, names, algorithm }: CertificatePair,
  directoryUrl: string,
  sealedKey: string,
): Values {
  return {
    ...NOT_CONFIGURED,
    directory_url: directoryUrl,
    names: [...names],
    key_algorithm: algorithm,
    dns_names: [...names],
    certificate_pem: leaf.pem,
    chain_pem: chain.join(""),
    private_key_pem: sealedKey,
    ...digestsOf(leaf),
    not_before: rfc3339(leaf.notBefore),
    not_after: rfc3339(leaf.notAfter),
    renew_at: rfc3339(renewalByLifetime(leaf)),
    renewal_information_id: renewalInformationId(leaf.pem),
  };
}

const NOT_CONFIGURED = {
  state_id: null,
  directory_ca_pem: null,
  account_url: "",
  account_key_pem: "",
  optional_names: null,
  challenge: {
    webroot: null,
    hosts: null,
    hook: null,
    hook_chain: null,
    propagation_seconds: null,
    look_first: null,
    dns_servers: null,
  },
  reuse_key: null,
  profile: null,
  preferred_chain: null,
  reissue: null,
  max_new_orders_per_run: null,
  critical_fraction: DEFAULT_CRITICAL_FRACTION,
  run_interval_hours: null,
  revoke_on_destroy: null,
  adopt_certificate_file: null,
  adopt_private_key_file: null,
  adopt_ordered_by: null,
  provable_names: null,
  renewal_due: false,
  reissue_reason: null,
  ordered_by: null,
} as const;
