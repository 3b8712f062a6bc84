import type { KeyObject } from "node:crypto";
import { privateCaErrors } from "../../../shared/errors";
import { parseCertificateName } from "../../../shared/host-name";
import { parsedCertificate } from "../../../shared/parsed-pems";
import { rfc3339 } from "../../../shared/time/rfc3339";
import type { KeyPassphrases } from "../../keys/key-passphrases";
import { CERTIFICATE } from "../../messages/certificates";
import type { Diagnostics } from "../../protocol/diagnostics";
import { defineResource, type PlannedOf } from "../../protocol/resource";
import { attribute, type ValuesOf } from "../../protocol/schema/schema";
import { isUnknown, UNKNOWN } from "../../protocol/values/unknown";
import { type CaCertificate, readCaCertificate, readCaKey } from "../../x509/issuing-ca";
import { generateKey } from "../../x509/key-algorithm";
import { type Validity, validityFrom } from "../../x509/validity";
import { validateNames } from "../certificate-names";
import { certificateOutputs, digestsOf } from "../certificate-outputs";
import { reportError } from "../error-reports";
import {
  type IssuanceDefaults,
  isDue,
  issuanceAttributes,
  issuanceInputs,
  issued,
  plannedRenewal,
  validateIssuance,
} from "../issuance";
import { appliedReason, reissueReasonAttribute } from "../reissue-reason";
import { openedKey, plannedKey, stateKey } from "../state-key";
import { hasOtherCa, reissueReason } from "./reissue-reason";

const DEFAULTS: IssuanceDefaults = {
  validityHours: 2160,
  renewedAtPart: 3,
  renewedAtPartInWords: "a third",
};

const attributes = {
  ca_certificate_pem: attribute.string({
    description:
      "The certificate of the issuing CA alone, as PEM: `certificate_pem` of a `mailsni_private_ca`, or " +
      "that of any other CA whose key you have. A change issues a new certificate in place.",
    required: true,
  }),
  ca_private_key_pem: attribute.string({
    description:
      "The private key of that CA, as PEM. An encrypted key is decrypted with the environment variable " +
      "`MAIL_SNI_KEY_PASSPHRASE`, or `MAIL_SNI_OWN_KEY_PASSPHRASE` for your own. Write-only: neither in the plan nor in the state " +
      "of this resource, and may come from an ephemeral value. A key that does not belong to `ca_certificate_pem` is " +
      "an error.",
    required: true,
    writeOnly: true,
    sensitive: true,
  }),
  names: attribute.list("string", {
    description:
      "The host names that the certificate is for (its SANs), at least one. Names are converted to lower " +
      "case and A-labels (`xn--…`). The whole first label may be `*`, which stands for exactly one label; " +
      "qmail cannot look up such names. The first name is also the subject's CN if it has at most 64 " +
      "characters. A change of the names or of the first one issues a new certificate in place.",
    required: true,
  }),
  ...issuanceAttributes(DEFAULTS),
  reuse_key: attribute.bool({
    description:
      "Whether a new certificate keeps the private key, so that a TLSA record `3 1 1` stays valid, and a " +
      "server that reads key and certificate separately never gets two that do not match. Default: false.",
    optional: true,
  }),
  ...certificateOutputs,
  reissue_reason: reissueReasonAttribute(["ca", "key", "validity", "names", "due"]),
};

type CertificateAttributes = typeof attributes;
type CertificateValues = ValuesOf<CertificateAttributes>;

const CHANGED_BY_REISSUE = [
  "certificate_pem",
  "private_key_pem",
  "fingerprint_sha256",
  "serial",
  "spki_sha256",
  "not_before",
  "not_after",
  "renew_at",
] as const;

/** `mailsni_private_certificate`. Does not depend on the provider's configuration. */
export function privateCertificate(passphrases: KeyPassphrases) {
  return defineResource<CertificateAttributes, unknown>({
    schema: {
      version: 0,
      description:
        "A certificate for a TLS server, issued by a private CA. It is reissued in place when its names, its key algorithm, its " +
        "validity or its CA change, and when its renewal is due: the plan then shows its outputs as known after apply. A " +
        "certificate never outlives its CA: if its validity is shortened for that, a warning says so. Destroying the " +
        "resource revokes nothing.",
      attributes,
    },

    validate({ config, diagnostics }) {
      validateNames(config.names, diagnostics);
      validateIssuance(config, DEFAULTS, diagnostics);
      const ca = configuredCertificate(config, diagnostics);
      const { ca_private_key_pem: key } = config;
      if (isUnknown(key) || passphrases.isLocked(key)) return;
      configuredKey(key, ca, passphrases, diagnostics);
    },

    async plan({ config, prior, planned, diagnostics }) {
      const inputs = issuanceInputs(config, DEFAULTS);
      Object.assign(planned, inputs, { renewal_due: false });
      planned.reissue_reason = prior?.reissue_reason ?? null;
      if (prior === null) return;
      if (hasOtherCa(prior, config.ca_certificate_pem) !== false) planned.chain_pem = UNKNOWN;
      const reason = reissueReason(prior, config, inputs);
      if (reason === null) {
        planned.renew_at = plannedRenewal(prior, inputs);
      } else {
        planned.reissue_reason = reason;
        for (const name of CHANGED_BY_REISSUE) planned[name] = UNKNOWN;
      }
      if (reason !== null && !keepsKey(prior, planned)) return;
      planned.private_key_pem = await plannedKey(String(prior.private_key_pem), passphrases, diagnostics);
      planned.spki_sha256 = prior.spki_sha256;
    },

    async create({ config, diagnostics }) {
      const state = await made(config, null, passphrases, diagnostics);
      return state && { state };
    },

    async read({ prior }) {
      return { state: { ...prior, renewal_due: isDue(prior.renew_at) } };
    },

    async update({ config, prior, planned, diagnostics }) {
      const inputs = issuanceInputs(config, DEFAULTS);
      const found = isUnknown(planned.certificate_pem) ? reissueReason(prior, config, inputs) : null;
      const reason = appliedReason(planned.reissue_reason, found, prior.reissue_reason);
      const { private_key_pem: plannedPem } = planned;
      if (found === null) {
        const { ca_certificate_pem, names, reuse_key } = config;
        const kept = {
          private_key_pem: isUnknown(plannedPem) ? prior.private_key_pem : plannedPem,
          renew_at: plannedRenewal(prior, inputs) as string,
          renewal_due: false,
          reissue_reason: reason,
        };
        return { state: { ...prior, ...inputs, ca_certificate_pem, names, reuse_key, ...kept } };
      }
      const former = stateKey(prior.private_key_pem, passphrases, diagnostics);
      if (former === null) return null;
      const kept = isUnknown(plannedPem) ? null : { key: former, pem: String(plannedPem) };
      const state = await made(config, kept, passphrases, diagnostics);
      return state && { state: { ...state, reissue_reason: reason } };
    },

    async delete() {
      // Nothing to do: files on hosts belong to other resources.
    },
  });
}

type Config = PlannedOf<CertificateAttributes>;

/**
 * The CA's certificate; null, after an error, if it is not a CA certificate, or if it is not known yet. Its
 * dates are not checked here.
 */
function configuredCertificate(
  { ca_certificate_pem: pem }: Config,
  diagnostics: Diagnostics,
): CaCertificate | null {
  if (isUnknown(pem)) return null;
  const { value, problem } = readCaCertificate(pem);
  if (problem) reportError(problem, CERTIFICATE.notOfCa, diagnostics, ["ca_certificate_pem"]);
  return value ?? null;
}

/**
 * The CA's key; null, after an error, if it is not a private key, cannot be decrypted, or belongs to another
 * certificate.
 */
function configuredKey(
  pem: string,
  ca: CaCertificate | null,
  passphrases: KeyPassphrases,
  diagnostics: Diagnostics,
): KeyObject | null {
  const path = ["ca_private_key_pem"];
  const opened = openedKey(pem, passphrases, path, diagnostics);
  if (opened === null) return null;
  const { value, problem } = readCaKey(opened, ca ?? undefined);
  if (problem) reportError(problem, CERTIFICATE.notKeyOfCa, diagnostics, path);
  return value ?? null;
}

function keepsKey(prior: CertificateValues, planned: Config): boolean {
  return planned.reuse_key === true && planned.key_algorithm === prior.key_algorithm;
}

/** A private key of the state: decrypted, and as it will be stored. */
interface KeptKey {
  readonly key: KeyObject;
  readonly pem: string;
}

/** @param kept null if a new key is made */
async function made(
  config: CertificateValues,
  kept: KeptKey | null,
  passphrases: KeyPassphrases,
  diagnostics: Diagnostics,
): Promise<CertificateValues | null> {
  const ca = configuredCertificate(config, diagnostics);
  const caKey = configuredKey(config.ca_private_key_pem, ca, passphrases, diagnostics);
  const inputs = issuanceInputs(config, DEFAULTS);
  const validity = ca && caKey && validityWithin(ca, inputs.validity_hours, diagnostics);
  if (ca === null || caKey === null || validity === null) return null;
  const { issueLeaf } = await import("../../x509/issue");
  const key = kept?.key ?? (await generateKey(inputs.key_algorithm));
  const names = config.names.map(parseCertificateName);
  const pem = await issueLeaf({ names, key, ca, caKey, ...validity });
  return {
    ...config,
    ...inputs,
    ...issued(validity, inputs),
    certificate_pem: pem,
    chain_pem: ca.pem,
    private_key_pem: kept?.pem ?? (await passphrases.seal(key)),
    ...digestsOf(parsedCertificate(pem).facts),
  };
}

/** The validity from now on, but not beyond the CA's own end: clients refuse a certificate whose CA has expired. */
function validityWithin(ca: CaCertificate, hours: number, diagnostics: Diagnostics): Validity | null {
  const now = new Date();
  const [from, until] = [new Date(ca.x509.validFrom), new Date(ca.x509.validTo)];
  if (now < from || now >= until) {
    const path = ["ca_certificate_pem"];
    reportError(privateCaErrors.notValidNow(from, until, now), CERTIFICATE.caNotValid, diagnostics, path);
    return null;
  }
  const validity = validityFrom(now, hours, until);
  if (+validity.notAfter === +until) {
    diagnostics.warning(
      CERTIFICATE.endsWithCa,
      `The requested validity is ${hours} hours, but the CA certificate expires at ${rfc3339(until)}, and so does this one. Renew the ` +
        "CA earlier (renew_before_hours of a mailsni_private_ca above the validity of its certificates), or write a " +
        "smaller validity_hours.",
      ["validity_hours"],
    );
  }
  return validity;
}
