import { REVOCATION_REASON_NAMES } from "../../acme/revocation";
import type { PlannedOf } from "../../protocol/resource";
import { attribute, type ValuesOf } from "../../protocol/schema/schema";
import { directoryAttributes } from "../acme-directory";
import { certificateOutputs } from "../certificate-outputs";
import { KEY_ALGORITHM, NOT_AFTER } from "../issuance";
import { reissueReasonAttribute } from "../reissue-reason";
import { JOURNALED_STATE_ID } from "../state-id";

export const DEFAULT_CRITICAL_FRACTION = 0.15;
export const DEFAULT_PROPAGATION_SECONDS = 120;

const list = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(", ");

const challengeAttributes = {
  webroot: attribute.string({
    description:
      "A directory that a web server on port 80 of the mail hosts serves publicly (http-01). The CA finds " +
      "its token at `.well-known/acme-challenge/` below it. An absolute path. Either this or `hook`.",
    optional: true,
  }),
  hosts: attribute.list("string", {
    description:
      "The provider's hosts that the token is written to: all that a name may resolve to, because the CA " +
      "may ask any of them. A host that is down delays only the names that resolve to it. The token is " +
      "removed afterwards, also on failure. Default: all hosts.",
    optional: true,
  }),
  hook: attribute.list("string", {
    description:
      "A program with its first arguments, run on this machine, that creates TXT records (dns-01). It is " +
      "called like a hook of dehydrated: `deploy_challenge` or `clean_challenge`, the name, the token and " +
      "the record's value. It inherits the engine's environment, where its secrets belong. Only one runs " +
      "at a time.",
    optional: true,
  }),
  hook_chain: attribute.bool({
    description: "Whether one call of the hook takes all names (dehydrated's `HOOK_CHAIN`). Default: false.",
    optional: true,
  }),
  propagation_seconds: attribute.number({
    description:
      "How long a TXT record may take to appear in DNS, a whole number. Default: " +
      `${DEFAULT_PROPAGATION_SECONDS}.`,
    optional: true,
  }),
  look_first: attribute.bool({
    description:
      "Whether to check the token or the record before the CA does, so that a mistake does not count " +
      "towards the CA's limit of failures. Default: true. Set it to false if this machine cannot see what " +
      "the CA sees.",
    optional: true,
  }),
  dns_servers: attribute.list("string", {
    description:
      "The DNS servers that the self-check and `optional_names` ask: addresses, with `:PORT` if it is not " +
      "53. Default: those of this machine, and for TXT records the name servers of their zone, because " +
      "others may have cached that the record did not exist.",
    optional: true,
  }),
};

export const attributes = {
  ...directoryAttributes,
  account_url: attribute.string({
    description: "`url` of a `mailsni_acme_account`. A change takes effect with the next order.",
    required: true,
  }),
  account_key_pem: attribute.string({
    description:
      "The account's private key: `private_key_pem` of that `mailsni_acme_account`, or your own. An " +
      "encrypted key is decrypted with the environment variable `MAIL_SNI_KEY_PASSPHRASE`, or " +
      "`MAIL_SNI_OWN_KEY_PASSPHRASE` for your own. Write-only: neither in the plan nor in the state of " +
      "this resource.",
    required: true,
    writeOnly: true,
    sensitive: true,
  }),
  state_id: JOURNALED_STATE_ID,
  names: attribute.list("string", {
    description:
      "The host names that the certificate is for (its SANs), at least one. Names that the certificate may " +
      "lack belong in `optional_names` only: a plan shows both lists, and `dns_names` the result. Names " +
      "are converted to lower case and A-labels (`xn--…`). The whole first label may be `*`, with `hook` " +
      "only; qmail cannot look up such names. A name that a wildcard covers is not ordered, because CAs " +
      "refuse it as redundant. A change issues a new certificate in place; the old one is not revoked.",
    required: true,
  }),
  optional_names: attribute.list("string", {
    description:
      "Names that are included if they can be validated, because one name that cannot fails the whole " +
      "order: with `webroot` if all their addresses are among those of `names` and of the hosts that the " +
      "token is written to, with `hook` if they have an address. They are looked up when the certificate is " +
      "issued and whenever the resource is read. If a name can newly be validated, a new certificate is " +
      "issued in place; if one no longer can, it stays in the certificate until the next one is issued, " +
      "with a warning. A name for which DNS does not answer is left out unless the current certificate has " +
      "it. No wildcards.",
    optional: true,
  }),
  challenge: attribute.object(challengeAttributes, {
    description: "How the CA validates that the names are yours. A change takes effect with the next order.",
    required: true,
  }),
  key_algorithm: KEY_ALGORITHM,
  reuse_key: attribute.bool({
    description:
      "Whether a new certificate keeps the private key, so that a TLSA record `3 1 1` stays valid. " +
      "Default: false.",
    optional: true,
  }),
  profile: attribute.string({
    description:
      "One of the profiles that the CA's directory lists, such as Let's Encrypt's `tlsserver` or " +
      "`shortlived`. A change issues a new certificate in place. Default: the CA chooses.",
    optional: true,
  }),
  preferred_chain: attribute.string({
    description:
      "The name (CN) of the issuer of the chain's last certificate, if the CA offers several chains. A " +
      "change issues a new certificate in place. Default: the CA's default chain.",
    optional: true,
  }),
  reissue: attribute.string({
    description: "Any text, such as a date. A change issues a new certificate in place, for emergencies.",
    optional: true,
  }),
  max_new_orders_per_run: attribute.number({
    description:
      "The maximum number of first-time certificates that one apply orders from this CA with the account, " +
      "a whole number: for moving many domains within the CA's limits. Failed orders do not count, unless " +
      "the CA's own limit is the cause. Orders beyond the maximum fail with an error that says so, and the " +
      "next apply makes them. Renewals do not count. Default: no maximum.",
    optional: true,
  }),
  critical_fraction: attribute.number({
    description:
      "A failed renewal is a warning, and the next apply retries it, as long as more than this fraction of " +
      "the certificate's lifetime remains and another apply comes before it expires " +
      "(`run_interval_hours`); otherwise it is an error. From 0 to 1. Default: " +
      `${DEFAULT_CRITICAL_FRACTION}.`,
    optional: true,
    computed: true,
  }),
  run_interval_hours: attribute.number({
    description:
      "The number of hours between two scheduled applies, above 0. With it no certificate expires without " +
      "a previous error: one that would expire before the next apply is renewed in this one, and a failure " +
      "is then an error. A certificate that applies cannot try to renew twice in time gets a warning. " +
      "Default: not known; applies must then come more often than `critical_fraction` of the lifetime.",
    optional: true,
  }),
  revoke_on_destroy: attribute.choice(REVOCATION_REASON_NAMES, {
    description:
      "Revokes the certificate when the resource is destroyed, with one of these reasons: " +
      `${list(REVOCATION_REASON_NAMES)}. An expired certificate is not revoked: CAs refuse that. ` +
      "Default: never revoked.",
    optional: true,
  }),
  adopt_certificate_file: attribute.string({
    description:
      "A certificate that exists already, as a PEM file on the machine that deploys: the certificate, followed by its chain. " +
      "It is read when the resource is created, and never again. It is used instead of an order if it fits: this CA issued " +
      "it, it has the names and the key algorithm of the configuration, servers can present it, and its renewal is not due. " +
      "Otherwise a certificate is ordered, with a warning that says why. A CA without renewal information (RFC 9773) " +
      "cannot say that it issued a certificate, so none is adopted. Write-only: it can be removed at any time. Requires " +
      "`adopt_private_key_file`.",
    optional: true,
    writeOnly: true,
  }),
  adopt_private_key_file: attribute.string({
    description:
      "The private key of `adopt_certificate_file`, as a PEM file on the machine that deploys. It has to belong to root or " +
      "to the user who deploys, and must not be readable for every user. An encrypted key is decrypted with the environment " +
      "variable `MAIL_SNI_OWN_KEY_PASSPHRASE`. Write-only.",
    optional: true,
    writeOnly: true,
  }),
  adopt_ordered_by: attribute.string({
    description:
      "The URL of the account that ordered `adopt_certificate_file`, if it is known: `adopted_url` of a " +
      "`mailsni_acme_account`. The first renewal then tells the CA which certificate it replaces, if `account_url` is the " +
      "same account. Write-only.",
    optional: true,
    writeOnly: true,
  }),
  dns_names: attribute.list("string", {
    description:
      "The names that the certificate is for (its SANs): `names`, and those of `optional_names` that could " +
      "be validated, without names that a wildcard among them covers.",
    computed: true,
  }),
  provable_names: attribute.list("string", {
    description: "Those of `optional_names` that could be validated when they were last looked up.",
    computed: true,
  }),
  ...certificateOutputs,
  not_before: attribute.string({
    description: "The start of the certificate's validity, in UTC (RFC 3339).",
    computed: true,
  }),
  not_after: NOT_AFTER,
  renew_at: attribute.string({
    description:
      "When the certificate is due for renewal, in UTC (RFC 3339): the time that the CA suggests (RFC " +
      "9773), requested whenever the resource is read. If it suggests none, or a time with less than half " +
      "of that left, the time when a third of the lifetime remains, or half of one below ten days. A time that has passed counts " +
      "only if the CA has suggested one that was still to come before, for the same certificate.",
    computed: true,
  }),
  renewal_due: attribute.bool({
    description:
      "Whether `renew_at` had passed when the resource was last read, or the certificate would expire " +
      "before the next apply (`run_interval_hours`). If true, the plan renews the certificate in place. A " +
      "plan without a refresh does not detect that a renewal is due.",
    computed: true,
  }),
  reissue_reason: reissueReasonAttribute([
    "directory",
    "profile",
    "chain",
    "request",
    "key",
    "names",
    "due",
    "optional names",
  ]),
  ordered_by: attribute.string({
    description:
      "The URL of the account that ordered the certificate; null if it was adopted and the account is not known. A renewal " +
      "tells the CA which certificate it replaces if the same account orders it.",
    computed: true,
  }),
  renewal_information_id: attribute.string({
    description: "The certificate's identifier in the CA's renewal information (RFC 9773 §4.1).",
    computed: true,
  }),
};

export type Attributes = typeof attributes;
export type Values = ValuesOf<Attributes>;
export type Config = PlannedOf<Attributes>;
export type ChallengeValues = ValuesOf<typeof challengeAttributes>;
