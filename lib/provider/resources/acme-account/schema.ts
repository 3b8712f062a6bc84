import type { PlannedOf } from "../../protocol/resource";
import { attribute, type ValuesOf } from "../../protocol/schema/schema";
import { directoryAttributes } from "../acme-directory";
import { JOURNALED_STATE_ID } from "../state-id";
import { STATE_KEY } from "../state-key";

export const attributes = {
  ...directoryAttributes,
  state_id: JOURNALED_STATE_ID,
  contact: attribute.list("string", {
    description:
      "E-mail addresses at which the CA may reach the account's owner. A change is sent to the CA; the " +
      "account stays. Default: none. Let's Encrypt stores none.",
    optional: true,
  }),
  terms_of_service_agreed: attribute.bool({
    description:
      "Whether you have read and agree to the CA's terms of service, which its directory links to. CAs " +
      "that have terms create no account without it.",
    required: true,
  }),
  account_key_pem: attribute.string({
    description:
      "A private key of your own for the account, as PEM: ECDSA on P-256, P-384 or P-521, or RSA. An " +
      "encrypted key is decrypted with the environment variable `MAIL_SNI_OWN_KEY_PASSPHRASE`. If the CA " +
      "already has an account for it, that account is used. Write-only: neither in the plan nor in the " +
      "state, and may come from an ephemeral value. Another key is another account. Default: an ECDSA " +
      "P-256 key is generated, and kept in the state as `private_key_pem`.",
    optional: true,
    writeOnly: true,
    sensitive: true,
  }),
  adopt_key_file: attribute.string({
    description:
      "The key of an account that exists already, as a file on the machine that deploys: a PEM, as dehydrated " +
      "(`account_key.pem`), lego and acme.sh (`account.key`) write it, or the JSON Web Key of certbot (`private_key.json`). It " +
      "is read when the resource is created, and never again; the state then has the key as `private_key_pem`. It has to " +
      "belong to root or to the user who deploys, and must not be readable for every user. If it cannot be used, a new " +
      "account is created, with a warning that says why. Write-only: it can be removed at any time. Not with " +
      "`account_key_pem`.",
    optional: true,
    writeOnly: true,
  }),
  external_account_key_id: attribute.string({
    description:
      "The id of an existing account with the CA (external account binding, RFC 8555 §7.3.4), if the CA " +
      "requires one. Only used when the account is created.",
    optional: true,
  }),
  external_account_hmac_key: attribute.string({
    description: "The HMAC key for `external_account_key_id`, base64url, as the CA shows it. Write-only.",
    optional: true,
    writeOnly: true,
    sensitive: true,
  }),
  deactivate_on_destroy: attribute.bool({
    description:
      "Whether destroying the resource closes the account at the CA permanently. Requires a key that is in " +
      "the state: not with `account_key_pem`. Default: false. Certificates stay valid either way.",
    optional: true,
  }),
  url: attribute.string({
    description: "The account's URL, as in the `accounturi` of a CAA record (RFC 8657).",
    computed: true,
  }),
  adopted_url: attribute.string({
    description:
      "`url` if the CA already had the account when the resource was created, for `adopt_ordered_by` of a " +
      "`mailsni_acme_certificate`; null otherwise.",
    computed: true,
  }),
  key_thumbprint: attribute.string({
    description: "The thumbprint of the account's public key (RFC 7638), base64url.",
    computed: true,
  }),
  private_key_pem: attribute.string({
    description: `The account's private key if the provider generated it; null with \`account_key_pem\`. ${STATE_KEY}`,
    computed: true,
    sensitive: true,
  }),
};

export type AccountAttributes = typeof attributes;
export type Config = PlannedOf<AccountAttributes>;
export type AccountValues = ValuesOf<AccountAttributes>;
