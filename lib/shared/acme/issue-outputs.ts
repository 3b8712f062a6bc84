/** The attributes of a `mailsni_acme_certificate` that an issue changes: a plan of one leaves them unknown. */
export const OUTPUTS_OF_ISSUE = [
  "dns_names",
  "provable_names",
  "certificate_pem",
  "chain_pem",
  "private_key_pem",
  "fingerprint_sha256",
  "serial",
  "spki_sha256",
  "not_before",
  "not_after",
  "renew_at",
  "renewal_information_id",
  "ordered_by",
] as const;
