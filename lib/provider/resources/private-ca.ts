import { type KeyObject, X509Certificate } from "node:crypto";
import { certificateFacts } from "../../shared/certificate-facts";
import { isSoon } from "../../shared/expiry";
import type { KeyPassphrases } from "../keys/key-passphrases";
import { CERTIFICATE } from "../messages/certificates";
import type { Diagnostics } from "../protocol/diagnostics";
import { defineResource } from "../protocol/resource";
import { attribute, type ValuesOf } from "../protocol/schema/schema";
import { isUnknown, type Plannable, UNKNOWN } from "../protocol/values/unknown";
import { isCommonName, MAX_COMMON_NAME_LENGTH } from "../x509/common-name";
import { generateKey } from "../x509/key-algorithm";
import { validityFrom } from "../x509/validity";
import { FINGERPRINT } from "./certificate-outputs";
import {
  type IssuanceDefaults,
  type IssuanceInputs,
  isDue,
  issuanceAttributes,
  issuanceInputs,
  issued,
  type PlannedIssuance,
  plannedRenewal,
  reasonOfTime,
  reasonsOfIssuance,
  validateIssuance,
} from "./issuance";
import {
  appliedReason,
  differs,
  firstReason,
  type PlannedReason,
  reissueReasonAttribute,
} from "./reissue-reason";
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
      "The name (CN) of the CA, as lists of trusted CAs show it: 1 to 64 characters. Default: " +
      `\`${DEFAULT_COMMON_NAME}\`. A change makes a new certificate with the same key, in place.`,
    optional: true,
    computed: true,
  }),
  ...issuanceAttributes(DEFAULTS),
  certificate_pem: attribute.string({
    description:
      "The self-signed certificate of the CA, as PEM with a final newline. Clients that have it among " +
      "their trusted roots accept every `mailsni_private_certificate` of this CA. It can issue for end " +
      "entities only (path length 0).",
    computed: true,
  }),
  private_key_pem: attribute.string({
    description:
      `The private key of the CA: ${STATE_KEY} A renewed CA keeps its key, so that existing certificates ` +
      "stay verifiable; only another `key_algorithm`, or a replacement of the resource, makes a new one.",
    computed: true,
    sensitive: true,
  }),
  fingerprint_sha256: FINGERPRINT,
  reissue_reason: reissueReasonAttribute(["common name", "key", "validity", "due"]),
};

const CHANGED_BY_REISSUE = [
  "certificate_pem",
  "fingerprint_sha256",
  "not_before",
  "not_after",
  "renew_at",
] as const;

type CaValues = ValuesOf<typeof attributes>;

/** `mailsni_private_ca`. Does not depend on the provider's configuration. */
export function privateCa(passphrases: KeyPassphrases) {
  return defineResource<typeof attributes, unknown>({
    schema: {
      version: 0,
      description:
        "A private certificate authority, for labs, tests and intranets: clients accept its certificates " +
        "only after its own certificate has been installed on them. Created and renewed in place. Destroying " +
        "it does not change certificates that are on the hosts.",
      attributes,
    },

    validate({ config, diagnostics }) {
      const name = config.common_name;
      if (typeof name === "string" && !isCommonName(name)) {
        diagnostics.error(
          CERTIFICATE.notCommonName,
          `${JSON.stringify(name)} is empty, longer than ${MAX_COMMON_NAME_LENGTH} characters, or contains control ` +
            "characters. Write a short name that people recognise.",
          ["common_name"],
        );
      }
      validateIssuance(config, DEFAULTS, diagnostics);
    },

    async plan({ config, prior, planned, diagnostics }) {
      const inputs = issuanceInputs(config, DEFAULTS);
      const commonName = config.common_name ?? DEFAULT_COMMON_NAME;
      Object.assign(planned, inputs, { common_name: commonName, renewal_due: false });
      planned.reissue_reason = prior?.reissue_reason ?? null;
      if (prior === null) return;
      const reason = reissueReason(prior, commonName, inputs);
      if (reason === null) {
        planned.renew_at = plannedRenewal(prior, inputs);
      } else {
        planned.reissue_reason = reason;
        for (const name of CHANGED_BY_REISSUE) planned[name] = UNKNOWN;
        warnOfNewRoot(prior, isSameIssuer(prior, commonName, inputs.key_algorithm), diagnostics);
      }
      planned.private_key_pem =
        prior.key_algorithm === inputs.key_algorithm
          ? await plannedIssuerKey(String(prior.private_key_pem), passphrases, diagnostics)
          : UNKNOWN;
    },

    async create({ config }) {
      const inputs = issuanceInputs(config, DEFAULTS);
      const key = await generateKey(inputs.key_algorithm);
      const name = config.common_name ?? DEFAULT_COMMON_NAME;
      return { state: await made(name, inputs, key, await passphrases.seal(key)) };
    },

    async read({ prior, diagnostics }) {
      warnOfExpiry(prior, new Date(), diagnostics);
      return { state: { ...prior, renewal_due: isDue(prior.renew_at) } };
    },

    async update({ config, prior, planned, diagnostics }) {
      const inputs = issuanceInputs(config, DEFAULTS);
      const { private_key_pem: plannedPem } = planned;
      const commonName = config.common_name ?? DEFAULT_COMMON_NAME;
      const found = isUnknown(planned.certificate_pem) ? reissueReason(prior, commonName, inputs) : null;
      const reason = appliedReason(planned.reissue_reason, found, prior.reissue_reason);
      if (found === null) {
        const kept = {
          private_key_pem: isUnknown(plannedPem) ? prior.private_key_pem : plannedPem,
          renew_at: plannedRenewal(prior, inputs) as string,
          renewal_due: false,
          reissue_reason: reason,
        };
        return { state: { ...prior, ...inputs, ...kept } };
      }
      const former = stateKey(prior.private_key_pem, passphrases, diagnostics);
      if (former === null) return null;
      const key = isUnknown(plannedPem) ? await generateKey(inputs.key_algorithm) : former;
      const pem = isUnknown(plannedPem) ? await passphrases.seal(key) : String(plannedPem);
      return { state: { ...(await made(commonName, inputs, key, pem)), reissue_reason: reason } };
    },

    async delete() {
      // Nothing to do: the CA exists only in the state.
    },
  });
}

function reissueReason(
  prior: CaValues,
  commonName: Plannable<string>,
  inputs: PlannedIssuance,
): PlannedReason {
  return firstReason([
    ["common name", differs(prior.common_name, commonName)],
    ...reasonsOfIssuance(prior, inputs),
    reasonOfTime(prior),
  ]);
}

/** A warning, because an error would prevent the apply that renews the CA. */
function warnOfExpiry(prior: CaValues, at: Date, diagnostics: Diagnostics): void {
  const [notBefore, notAfter] = [new Date(String(prior.not_before)), new Date(String(prior.not_after))];
  const hasExpired = at > notAfter;
  if (!hasExpired && !isSoon({ notBefore, notAfter }, at)) return;
  const name = JSON.stringify(prior.common_name);
  diagnostics.warning(
    hasExpired ? CERTIFICATE.caHasExpired(name) : CERTIFICATE.caExpiresSoon(name),
    `It is valid until ${prior.not_after}. After that, clients that have it as a root refuse every certificate of this CA. ` +
      `The first apply after ${prior.renew_at} renews it, with the same key: then install the new certificate_pem on the clients.`,
    ["certificate_pem"],
  );
}

/** Whether clients with the current CA certificate also accept what the new one issues. */
function isSameIssuer(prior: CaValues, commonName: Plannable<string>, algorithm: Plannable<string>): boolean {
  return prior.common_name === commonName && prior.key_algorithm === algorithm;
}

function warnOfNewRoot(prior: CaValues, isSame: boolean, diagnostics: Diagnostics): void {
  const former = isSame
    ? `Until ${prior.not_after} the current certificate works as well: install the new one on the clients before then.`
    : "Its name or its key changes, so clients refuse the certificates of this CA until they have the new one.";
  diagnostics.warning(
    CERTIFICATE.caIsRenewed(JSON.stringify(prior.common_name)),
    `Every client that trusts this CA needs the new certificate_pem as a root. ${former}`,
    ["certificate_pem"],
  );
}

/** @param keyPem the key as stored in the state */
async function made(
  commonName: string,
  inputs: IssuanceInputs,
  key: KeyObject,
  keyPem: string,
): Promise<CaValues> {
  const { issueCa } = await import("../x509/issue");
  const validity = validityFrom(new Date(), inputs.validity_hours);
  const pem = await issueCa({ commonName, key, ...validity });
  return {
    ...inputs,
    ...issued(validity, inputs),
    common_name: commonName,
    reissue_reason: null,
    certificate_pem: pem,
    private_key_pem: keyPem,
    fingerprint_sha256: certificateFacts(new X509Certificate(pem), pem).fingerprintSha256,
  };
}
