import { createPrivateKey, type KeyObject } from "node:crypto";
import { deactivateAccount, type Registration, registerAccount, setContact } from "../acme/account";
import type { AcmeDirectories } from "../acme/directories";
import { JwsSigner } from "../acme/jws";
import type { Diagnostics } from "../protocol/diagnostics";
import { defineResource, type PlannedOf } from "../protocol/resource";
import { attribute, type ValuesOf } from "../protocol/schema";
import { isUnknown, isWhollyKnown, UNKNOWN } from "../protocol/unknown";
import { generateKey, privateKeyPem } from "../x509/key-algorithm";
import {
  directoryAttributes,
  directoryOf,
  readAccountKey,
  reportFailure,
  validateDirectory,
} from "./acme-directory";

const attributes = {
  ...directoryAttributes,
  contact: attribute.list("string", {
    description:
      "E-mail addresses at which the CA may reach the account's owner. Another list is told to the CA; the account stays. " +
      "Default: none. Let's Encrypt keeps none.",
    optional: true,
  }),
  terms_of_service_agreed: attribute.bool({
    description:
      "Whether you have read the CA's terms of service, which its directory names, and agree to them. CAs that have " +
      "terms open no account without.",
    required: true,
  }),
  account_key_pem: attribute.string({
    description:
      "A private key of your own for the account, as unencrypted PEM: ECDSA on P-256, P-384 or P-521, or RSA. An account " +
      "that the CA has for it already is found again. Write-only: it is kept neither in the plan nor in the state, and may " +
      "come from an ephemeral value. Another key is another account. " +
      "Default: an ECDSA P-256 key is made, and kept in the state as `private_key_pem`.",
    optional: true,
    writeOnly: true,
    sensitive: true,
  }),
  external_account_key_id: attribute.string({
    description:
      "The id of an account that you have with the CA otherwise (external account binding, RFC 8555 §7.3.4), where the CA " +
      "asks for one. Only used when the account is made.",
    optional: true,
  }),
  external_account_hmac_key: attribute.string({
    description: "The key that goes with it, base64url, as the CA shows it. Write-only.",
    optional: true,
    writeOnly: true,
    sensitive: true,
  }),
  deactivate_on_destroy: attribute.bool({
    description:
      "Whether destroying the resource closes the account at the CA, for ever. Needs a key that is in the state: not with " +
      "`account_key_pem`. Default: false; certificates stay valid either way.",
    optional: true,
  }),
  url: attribute.string({
    description: "The account's URL: what a CAA record's `accounturi` (RFC 8657) holds.",
    computed: true,
  }),
  key_thumbprint: attribute.string({
    description: "The thumbprint of the account's public key (RFC 7638), base64url.",
    computed: true,
  }),
  private_key_pem: attribute.string({
    description:
      "The account's private key, as PKCS #8 PEM, where it was made here: null with `account_key_pem`. It is in the state, so " +
      "keep that accordingly.",
    computed: true,
    sensitive: true,
  }),
};

type AccountAttributes = typeof attributes;
type Config = PlannedOf<AccountAttributes>;
type AccountValues = ValuesOf<AccountAttributes>;

/** `mailsni_acme_account`. Needs nothing of the provider's configuration. */
export function acmeAccount(directories: AcmeDirectories) {
  return defineResource<AccountAttributes, unknown>({
    schema: {
      version: 0,
      description:
        "An account with a CA that speaks ACME (RFC 8555): with it `mailsni_acme_certificate` orders. It is made once, and " +
        "found again by its key. Nothing but another CA or another key makes another one.",
      attributes,
    },

    validate({ config, diagnostics }) {
      validateDirectory(config, diagnostics);
      validateContact(config.contact, diagnostics);
      ownKey(config, diagnostics);
      const { external_account_key_id: id, external_account_hmac_key: secret } = config;
      if ((id === null) !== (secret === null)) {
        diagnostics.error(
          "Half of an external account",
          "external_account_key_id and external_account_hmac_key belong together. Write both, or neither.",
          [id === null ? "external_account_key_id" : "external_account_hmac_key"],
        );
      }
      if (config.deactivate_on_destroy === true && config.account_key_pem !== null) {
        diagnostics.error(
          "An account that cannot be closed",
          "With account_key_pem the key is not in the state, and so not at hand when the resource is destroyed. Leave " +
            "deactivate_on_destroy out.",
          ["deactivate_on_destroy"],
        );
      }
    },

    plan({ config, prior, planned, diagnostics, requireReplacement }) {
      if (prior === null) return;
      requireReplacement(["directory_url"]);
      if (planned.directory_url !== prior.directory_url) Object.assign(planned, MADE_ANEW);
      if (isUnknown(config.account_key_pem)) return;
      const key = ownKey(config, diagnostics);
      const isOwn = prior.private_key_pem === null;
      if (key === null && !isOwn) return;
      const thumbprint = key === null ? UNKNOWN : new JwsSigner(key).thumbprint;
      if (thumbprint === prior.key_thumbprint && isOwn) return;
      Object.assign(planned, MADE_ANEW);
      requireReplacement(["key_thumbprint"]);
    },

    async create({ config, diagnostics }) {
      const own = ownKey(config, diagnostics);
      if (diagnostics.hasErrors) return null;
      const key = own ?? (await generateKey("ECDSA-P256"));
      try {
        const url = await registerAccount(directoryOf(directories, config), key, registration(config));
        const { thumbprint } = new JwsSigner(key);
        const kept = own === null ? privateKeyPem(key) : null;
        return { state: { ...config, url, key_thumbprint: thumbprint, private_key_pem: kept } };
      } catch (error) {
        reportFailure(error, "No account", diagnostics);
        return null;
      }
    },

    async read({ prior }) {
      return { state: prior };
    },

    async update({ config, prior, diagnostics }) {
      const key = ownKey(config, diagnostics) ?? createPrivateKey(String(prior.private_key_pem));
      const [before, after] = [contactUrls(prior.contact), contactUrls(config.contact)];
      try {
        if (before.join() !== after.join()) {
          await setContact(directoryOf(directories, config), key, String(prior.url), after);
        }
        const { url, key_thumbprint, private_key_pem } = prior;
        return { state: { ...config, url, key_thumbprint, private_key_pem } };
      } catch (error) {
        reportFailure(error, "The account's contact was not changed", diagnostics);
        return null;
      }
    },

    async delete({ prior, diagnostics }) {
      if (prior.deactivate_on_destroy !== true || prior.private_key_pem === null) return;
      const key = createPrivateKey(prior.private_key_pem);
      try {
        await deactivateAccount(directoryOf(directories, prior), key, String(prior.url));
      } catch (error) {
        reportFailure(error, "The account was not closed", diagnostics);
      }
    },
  });
}

const MADE_ANEW = { url: UNKNOWN, key_thumbprint: UNKNOWN, private_key_pem: UNKNOWN } as const;

function ownKey(config: Pick<Config, "account_key_pem">, diagnostics: Diagnostics): KeyObject | null {
  const pem = config.account_key_pem;
  return typeof pem === "string" ? readAccountKey(pem, ["account_key_pem"], diagnostics) : null;
}

function validateContact(contact: Config["contact"], diagnostics: Diagnostics): void {
  if (contact === null || isUnknown(contact) || !isWhollyKnown<string[]>(contact)) return;
  for (const [index, address] of contact.entries()) {
    if (/^[^\s@,?]+@[^\s@,?]+$/.test(address) && !address.startsWith("mailto:")) continue;
    diagnostics.error(
      "Not an e-mail address",
      `${JSON.stringify(address)} is none. Write it without "mailto:", such as "hostmaster@example.org".`,
      ["contact", index],
    );
  }
}

function contactUrls(contact: readonly string[] | null): readonly string[] {
  return (contact ?? []).map((address) => `mailto:${address}`);
}

function registration(config: AccountValues): Registration {
  const { external_account_key_id: keyId, external_account_hmac_key: hmacKey } = config;
  return {
    contact: contactUrls(config.contact),
    termsOfServiceAgreed: config.terms_of_service_agreed,
    externalAccount: keyId !== null && hmacKey !== null ? { keyId, hmacKey } : null,
  };
}
