import { REVOCATION_REASONS } from "../../acme/revocation";
import type { PlannedOf } from "../../protocol/resource";
import { attribute, type ValuesOf } from "../../protocol/schema/schema";
import { KEY_ALGORITHMS } from "../../x509/key-algorithm";
import { directoryAttributes } from "../acme-directory";
import { certificateOutputs } from "../certificate-outputs";
import { NOT_AFTER } from "../issuance";

export const DEFAULT_KEY_ALGORITHM = "ECDSA-P256";
export const DEFAULT_CRITICAL_FRACTION = 0.15;
export const DEFAULT_PROPAGATION_SECONDS = 120;

const list = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(", ");

const challengeAttributes = {
  webroot: attribute.string({
    description:
      "A directory of the mail hosts that a web server on port 80 of theirs shows to everybody (http-01): the CA finds its " +
      "token at `.well-known/acme-challenge/` below it. An absolute path. Either this or `hook`.",
    optional: true,
  }),
  hosts: attribute.list("string", {
    description:
      "On which of the provider's hosts the token is put: on all that a name may lead to, since the CA may ask any of " +
      "them. One that is down holds up the names that lead to it alone. It is taken away again, also on failure. Default: all of them.",
    optional: true,
  }),
  hook: attribute.list("string", {
    description:
      "A program with its first arguments, run here, that makes TXT records (dns-01): called as dehydrated calls its hooks, " +
      "with `deploy_challenge` and `clean_challenge`, the name, the token and the record's value. It has the environment that " +
      "the engine runs in, where its secrets belong. One at a time.",
    optional: true,
  }),
  hook_chain: attribute.bool({
    description: "Whether one call of the hook takes all names (dehydrated's `HOOK_CHAIN`). Default: false.",
    optional: true,
  }),
  propagation_seconds: attribute.number({
    description:
      "How long a TXT record may take until it is seen, a whole number. " +
      `Default: ${DEFAULT_PROPAGATION_SECONDS}.`,
    optional: true,
  }),
  look_first: attribute.bool({
    description:
      "Whether the token or the record is looked at from here before the CA is asked, so that a wrong record costs none of " +
      "the few failures that a CA allows. Default: true. Off where this machine cannot see what the CA sees.",
    optional: true,
  }),
  dns_servers: attribute.list("string", {
    description:
      "The DNS servers that the self-check and `optional_names` ask: addresses, with `:PORT` where it is not 53. " +
      "Default: those of this machine, and for TXT records the name servers of their zone, since others may remember that the record " +
      "was absent.",
    optional: true,
  }),
};

export const attributes = {
  ...directoryAttributes,
  account_url: attribute.string({
    description: "`url` of a `mailsni_acme_account`. Another one is used from the next order on.",
    required: true,
  }),
  account_key_pem: attribute.string({
    description:
      "The account's private key: `private_key_pem` of that `mailsni_acme_account`, or your own; one that is encrypted is opened " +
      "with the environment variable `MAIL_SNI_KEY_PASSPHRASE`, or `MAIL_SNI_OWN_KEY_PASSPHRASE` for your own. Write-only: it is kept neither in the plan nor in the state of this resource.",
    required: true,
    writeOnly: true,
    sensitive: true,
  }),
  names: attribute.list("string", {
    description:
      "The host names that the certificate is for (its SANs), at least one. Names that it may lack are in `optional_names` " +
      "alone: a plan shows both lists, and `dns_names` says what became of them. Upper case is folded, and names in other " +
      "scripts become A-labels (`xn--…`). A whole first label may be `*`, with `hook` alone; qmail cannot look up such " +
      "names. A name that one of the wildcards covers is not ordered beside it, since CAs refuse that as redundant. Another set of " +
      "names makes a new certificate, in place: the old one is neither revoked nor taken off the hosts.",
    required: true,
  }),
  optional_names: attribute.list("string", {
    description:
      "Names that the certificate is for as well if they can be proven, since an order is all or nothing: with `webroot` if all " +
      "their addresses are among those of `names` and of the hosts that the token is put on, with `hook` if they have an address. Looked up when the certificate is made " +
      "and whenever the resource is read. One that appears makes a new certificate, in place; one that disappears stays in the " +
      "certificate until another one is made, with a warning. One that DNS gives no answer for is left out, unless the " +
      "certificate is for it already. No wildcards.",
    optional: true,
  }),
  challenge: attribute.object(challengeAttributes, {
    description:
      "How it is proven to the CA that the names are yours. Another way is used from the next order on.",
    required: true,
  }),
  key_algorithm: attribute.string({
    description:
      `The kind of the private key: ${list(KEY_ALGORITHMS)}. Default: \`${DEFAULT_KEY_ALGORITHM}\`. Another one makes a new ` +
      "key and a new certificate, in place.",
    optional: true,
    computed: true,
  }),
  reuse_key: attribute.bool({
    description:
      "Whether a new certificate keeps the private key, so that a TLSA record `3 1 1` stays right. Default: false.",
    optional: true,
  }),
  profile: attribute.string({
    description:
      "Which of the profiles that the CA's directory lists, such as Let's Encrypt's `tlsserver` or `shortlived`. Another one " +
      "makes a new certificate, in place. Default: the CA chooses.",
    optional: true,
  }),
  preferred_chain: attribute.string({
    description:
      "The name (CN) of the issuer at the end of the chain, where the CA offers several. Another one makes a new certificate, in " +
      "place. Default: the CA's own choice.",
    optional: true,
  }),
  reissue: attribute.string({
    description: "Any text, such as a date: another one makes a new certificate, in place, for emergencies.",
    optional: true,
  }),
  max_new_orders_per_run: attribute.number({
    description:
      "How many certificates that there were none of before from this CA one apply orders from the account, a whole number: for " +
      "moving many domains within the CA's limits. Orders that fail do not count, unless the CA's own limit is why. What is beyond is " +
      "an error that says so, and is ordered by the next apply. Renewals do not count. Default: as many as there are.",
    optional: true,
  }),
  critical_fraction: attribute.number({
    description:
      "A renewal that fails is a warning, and tried again in the next apply, as long as more than this part of the " +
      "certificate's lifetime is left, and another apply comes before it expires (`run_interval_hours`); then it is an error. From 0 to 1. " +
      `Default: ${DEFAULT_CRITICAL_FRACTION}.`,
    optional: true,
    computed: true,
  }),
  run_interval_hours: attribute.number({
    description:
      "The number of hours between two scheduled applies, above 0. With it no certificate expires without an error before: one that would " +
      "expire before the next apply is renewed in this one, and a renewal that fails then is an error. A certificate for which " +
      "applies come too rarely to try its renewal twice is a warning. Default: not known; applies then have to come more often than " +
      "`critical_fraction` of the lifetime.",
    optional: true,
  }),
  revoke_on_destroy: attribute.string({
    description:
      `Has the certificate revoked when the resource is destroyed, for one of these reasons: ${list(Object.keys(REVOCATION_REASONS))}. ` +
      "One that has expired is not: CAs refuse that. Default: it is not revoked, ever.",
    optional: true,
  }),
  dns_names: attribute.list("string", {
    description:
      "What the certificate is for (its SANs): `names`, and those of `optional_names` that could be proven, without what a " +
      "wildcard among them covers.",
    computed: true,
  }),
  provable_names: attribute.list("string", {
    description: "Those of `optional_names` that could be proven when they were last looked up.",
    computed: true,
  }),
  ...certificateOutputs,
  not_before: attribute.string({
    description: "From when on the certificate is valid, in UTC (RFC 3339).",
    computed: true,
  }),
  not_after: NOT_AFTER,
  renew_at: attribute.string({
    description:
      "When the certificate falls due for renewal, in UTC (RFC 3339): what the CA suggests (RFC 9773), asked whenever the " +
      "resource is read; where it suggests nothing, or a time with less than half of that left, when a third of the lifetime is " +
      "left, or a half of one below ten days.",
    computed: true,
  }),
  renewal_due: attribute.bool({
    description:
      "Whether `renew_at` had passed when the resource was last read, or the certificate would expire before the next apply " +
      "(`run_interval_hours`). Where it is true, the plan shows the certificate being " +
      "made anew, in place. A plan without a refresh does not notice that a renewal is due.",
    computed: true,
  }),
  renewal_information_id: attribute.string({
    description: "What the CA knows the certificate by in its renewal information (RFC 9773 §4.1).",
    computed: true,
  }),
};

export type Attributes = typeof attributes;
export type Values = ValuesOf<Attributes>;
export type Config = PlannedOf<Attributes>;
export type ChallengeValues = ValuesOf<typeof challengeAttributes>;
