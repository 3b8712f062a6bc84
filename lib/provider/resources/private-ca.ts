import { type KeyObject, X509Certificate } from "node:crypto";
import { certificateFacts } from "../../common/certificate-facts";
import type { KeyPassphrases } from "../keys/key-passphrases";
import { defineResource } from "../protocol/resource";
import { attribute, type ValuesOf } from "../protocol/schema/schema";
import { isUnknown, UNKNOWN } from "../protocol/values/unknown";
import { isCommonName, MAX_COMMON_NAME_LENGTH } from "../x509/common-name";
import { generateKey } from "../x509/key-algorithm";
import { validityFrom } from "../x509/validity";
import {
  type IssuanceDefaults,
  type IssuanceInputs,
  isDue,
  isReissued,
  issuanceAttributes,
  issuanceInputs,
  issued,
  plannedRenewal,
  validateIssuance,
} from "./issuance";
import { plannedIssuerKey, STATE_KEY, stateKey } from "./state-key";

const DEFAULTS: IssuanceDefaults = {
  validityHours: 87_600,
  renewedAtPart: 10,
  renewedAtPartInWords: "a tenth",
};

const DEFAULT_COMMON_NAME = "mail-sni private CA";

const attributes = {
  common_name: attribute.string({
    description:
      "The name (CN) under which the CA shows in the lists of those who trust it: 1 to 64 characters. " +
      `Default: \`${DEFAULT_COMMON_NAME}\`. Another one makes a new certificate with the same key, in place.`,
    optional: true,
    computed: true,
  }),
  ...issuanceAttributes(DEFAULTS),
  certificate_pem: attribute.string({
    description:
      "The self-signed certificate of the CA, as PEM with a final newline. Clients that have it among their trusted " +
      "roots accept every `mailsni_private_certificate` of this CA. It is a CA for end entities only (path length 0).",
    computed: true,
  }),
  private_key_pem: attribute.string({
    description:
      `The private key of the CA: ${STATE_KEY} A ` +
      "renewed CA keeps its key, so that certificates issued before stay verifiable; only another `key_algorithm`, or " +
      "a replacement of the resource, makes a new one.",
    computed: true,
    sensitive: true,
  }),
  fingerprint_sha256: attribute.string({
    description: "The SHA-256 fingerprint of the certificate: lower-case hex without colons.",
    computed: true,
  }),
};

type CaValues = ValuesOf<typeof attributes>;

/** `mailsni_private_ca`. Needs nothing of the provider's configuration. */
export function privateCa(passphrases: KeyPassphrases) {
  return defineResource<typeof attributes, unknown>({
    schema: {
      version: 0,
      description:
        "A certificate authority of one's own, for labs, tests and intranets: clients accept its certificates only " +
        "where its own certificate was installed. Made and renewed in place; destroying it leaves the certificates that " +
        "it has issued on the hosts as they are.",
      attributes,
    },

    validate({ config, diagnostics }) {
      const name = config.common_name;
      if (typeof name === "string" && !isCommonName(name)) {
        diagnostics.error(
          "Not a common name",
          `${JSON.stringify(name)} is empty, longer than ${MAX_COMMON_NAME_LENGTH} characters, or holds control ` +
            "characters. Write a short name by which people recognise this CA.",
          ["common_name"],
        );
      }
      validateIssuance(config, DEFAULTS, diagnostics);
    },

    async plan({ config, prior, planned, diagnostics }) {
      const inputs = issuanceInputs(config, DEFAULTS);
      const commonName = config.common_name ?? DEFAULT_COMMON_NAME;
      Object.assign(planned, inputs, { common_name: commonName, renewal_due: false });
      if (prior === null) return;
      if (prior.common_name !== commonName || isReissued(prior, inputs)) {
        const changing = [
          "certificate_pem",
          "fingerprint_sha256",
          "not_before",
          "not_after",
          "renew_at",
        ] as const;
        for (const name of changing) planned[name] = UNKNOWN;
      } else {
        planned.renew_at = plannedRenewal(prior, inputs);
      }
      planned.private_key_pem =
        prior.key_algorithm === inputs.key_algorithm
          ? await plannedIssuerKey(String(prior.private_key_pem), passphrases, diagnostics)
          : UNKNOWN;
    },

    async create({ config }) {
      const inputs = issuanceInputs(config, DEFAULTS);
      const key = await generateKey(inputs.key_algorithm);
      return { state: await made(config.common_name, inputs, key, await passphrases.seal(key)) };
    },

    async read({ prior }) {
      return { state: { ...prior, renewal_due: isDue(prior.renew_at) } };
    },

    async update({ config, prior, planned, diagnostics }) {
      const inputs = issuanceInputs(config, DEFAULTS);
      const { private_key_pem: keptPem } = planned;
      if (!isUnknown(planned.certificate_pem)) {
        const renewAt = plannedRenewal(prior, inputs) as string;
        const kept = { private_key_pem: keptPem as string, renew_at: renewAt, renewal_due: false };
        return { state: { ...prior, ...inputs, ...kept } };
      }
      const former = stateKey(prior.private_key_pem, passphrases, diagnostics);
      if (former === null) return null;
      const key = isUnknown(keptPem) ? await generateKey(inputs.key_algorithm) : former;
      const pem = isUnknown(keptPem) ? await passphrases.seal(key) : String(keptPem);
      return { state: await made(config.common_name, inputs, key, pem) };
    },

    async delete() {
      // Nothing of it is anywhere but in the state.
    },
  });
}

/** @param keyPem the key as the state has it */
async function made(
  commonName: string | null,
  inputs: IssuanceInputs,
  key: KeyObject,
  keyPem: string,
): Promise<CaValues> {
  const { issueCa } = await import("../x509/issue");
  const validity = validityFrom(new Date(), inputs.validity_hours);
  const name = commonName ?? DEFAULT_COMMON_NAME;
  const pem = await issueCa({ commonName: name, key, ...validity });
  return {
    ...inputs,
    ...issued(validity, inputs),
    common_name: name,
    certificate_pem: pem,
    private_key_pem: keyPem,
    fingerprint_sha256: certificateFacts(new X509Certificate(pem), pem).fingerprintSha256,
  };
}
