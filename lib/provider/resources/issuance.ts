import { rfc3339 } from "../../shared/time/rfc3339";
import { CERTIFICATE } from "../messages/certificates";
import type { Diagnostics } from "../protocol/diagnostics";
import type { PlannedOf } from "../protocol/resource";
import { attribute, type ValuesOf } from "../protocol/schema/schema";
import { isUnknown, type Plannable, UNKNOWN } from "../protocol/values/unknown";
import { KEY_ALGORITHMS, type KeyAlgorithm } from "../x509/key-algorithm";
import { renewalTime, type Validity } from "../x509/validity";
import { differs, type PossibleReason } from "./reissue-reason";

/** The defaults of resources that issue certificates: the validity, and when a certificate is reissued. */
export interface IssuanceDefaults {
  readonly validityHours: number;
  /** N, to renew when 1/N of the validity remains. */
  readonly renewedAtPart: number;
  /** The same fraction in words, for the documentation. */
  readonly renewedAtPartInWords: string;
}

export const DEFAULT_KEY_ALGORITHM: KeyAlgorithm = "ECDSA-P256";

/** A century; more is a mistake. */
const MAX_VALIDITY_HOURS = 876_000;

export const NOT_AFTER = attribute.string({
  description: "The end of the certificate's validity, in UTC (RFC 3339).",
  computed: true,
});

export const KEY_ALGORITHM = attribute.choice(KEY_ALGORITHMS, {
  description:
    `The algorithm of the private key: ${KEY_ALGORITHMS.map((name) => `\`${name}\``).join(", ")}. ` +
    `Default: \`${DEFAULT_KEY_ALGORITHM}\`. A change makes a new key and a new certificate, in place.`,
  optional: true,
  computed: true,
});

export function issuanceAttributes({ validityHours, renewedAtPartInWords }: IssuanceDefaults) {
  return {
    key_algorithm: KEY_ALGORITHM,
    validity_hours: attribute.number({
      description:
        `The validity of a certificate in hours, a whole number. Default: ${validityHours}. A change issues ` +
        "a new certificate in place.",
      optional: true,
      computed: true,
    }),
    renew_before_hours: attribute.number({
      description:
        "How many hours before its end the certificate is renewed, a whole number below `validity_hours`. " +
        `Default: ${renewedAtPartInWords} of \`validity_hours\`, rounded down. A change affects \`renew_at\` ` +
        "only. The first apply after `renew_at` renews: choose more than the time between two applies.",
      optional: true,
      computed: true,
    }),
    not_before: attribute.string({
      description:
        "The start of the certificate's validity, in UTC (RFC 3339): five minutes before it was issued, for " +
        "clocks that are slow.",
      computed: true,
    }),
    not_after: NOT_AFTER,
    renew_at: attribute.string({
      description: "When the certificate is due for renewal, in UTC (RFC 3339).",
      computed: true,
    }),
    renewal_due: attribute.bool({
      description:
        "Whether `renew_at` had passed when the resource was last read. If true, the plan renews the " +
        "certificate in place. A plan without a refresh does not detect that a renewal is due.",
      computed: true,
    }),
  };
}

type IssuanceAttributes = ReturnType<typeof issuanceAttributes>;
export type IssuanceValues = ValuesOf<IssuanceAttributes>;

/** The attributes that can be configured. */
type Configured = "key_algorithm" | "validity_hours" | "renew_before_hours";

/** The configuration with its defaults. */
export interface IssuanceInputs {
  key_algorithm: KeyAlgorithm;
  validity_hours: number;
  renew_before_hours: number;
}

/** The same inputs in a plan, where any of them may be unknown. */
export type PlannedIssuance = { [K in keyof IssuanceInputs]: Plannable<IssuanceInputs[K]> };

/** The configuration with defaults. What depends on an unknown value is unknown. */
export function issuanceInputs(
  config: Pick<IssuanceValues, Configured>,
  defaults: IssuanceDefaults,
): IssuanceInputs;
export function issuanceInputs(
  config: Pick<PlannedOf<IssuanceAttributes>, Configured>,
  defaults: IssuanceDefaults,
): PlannedIssuance;
export function issuanceInputs(
  config: Pick<PlannedOf<IssuanceAttributes>, Configured>,
  defaults: IssuanceDefaults,
): PlannedIssuance {
  const validity = config.validity_hours ?? defaults.validityHours;
  const renewBefore = isUnknown(validity) ? UNKNOWN : Math.floor(validity / defaults.renewedAtPart);
  return {
    key_algorithm: config.key_algorithm ?? DEFAULT_KEY_ALGORITHM,
    validity_hours: validity,
    renew_before_hours: config.renew_before_hours ?? renewBefore,
  };
}

export function validateIssuance(
  config: Pick<PlannedOf<IssuanceAttributes>, Configured>,
  defaults: IssuanceDefaults,
  diagnostics: Diagnostics,
): void {
  const { validity_hours: validity, renew_before_hours: renewBefore } = issuanceInputs(config, defaults);
  if (!isUnknown(validity)) requireWholeHours("validity_hours", validity, 1, MAX_VALIDITY_HOURS, diagnostics);
  if (isUnknown(renewBefore)) return;
  const limit = isUnknown(validity) ? MAX_VALIDITY_HOURS : Math.max(validity, 1);
  requireWholeHours("renew_before_hours", renewBefore, 0, limit - 1, diagnostics);
}

function requireWholeHours(
  name: Configured,
  hours: number,
  minimum: number,
  maximum: number,
  diagnostics: Diagnostics,
): void {
  if (Number.isInteger(hours) && hours >= minimum && hours <= maximum) return;
  const reason = name === "renew_before_hours" ? ": a certificate cannot be renewed before it is issued" : "";
  diagnostics.error(
    CERTIFICATE.hoursOutOfRange,
    `${name} is ${hours}. Write a whole number from ${minimum} to ${maximum}${reason}.`,
    [name],
  );
}

/** The reasons to reissue a certificate that lie in its key and its validity. */
export function reasonsOfIssuance(prior: IssuanceValues, inputs: PlannedIssuance): readonly PossibleReason[] {
  return [
    ["key", differs(prior.key_algorithm, inputs.key_algorithm)],
    ["validity", differs(prior.validity_hours, inputs.validity_hours)],
  ];
}

/** The reason that lies in the time. It comes last: a reviewer has to see every change of the configuration. */
export function reasonOfTime(prior: IssuanceValues): PossibleReason {
  return ["due", prior.renewal_due === true];
}

/** The planned renewal time of a certificate that is not reissued. */
export function plannedRenewal(prior: IssuanceValues, inputs: PlannedIssuance): Plannable<string> {
  const { validity_hours: validity, renew_before_hours: renewBefore } = inputs;
  if (isUnknown(validity) || isUnknown(renewBefore)) return UNKNOWN;
  const issued = {
    notBefore: new Date(String(prior.not_before)),
    notAfter: new Date(String(prior.not_after)),
  };
  return rfc3339(renewalTime(issued, validity, renewBefore));
}

/** The state of a certificate that was issued now. */
export function issued(
  validity: Validity,
  inputs: IssuanceInputs,
): Pick<IssuanceValues, "not_before" | "not_after" | "renew_at" | "renewal_due"> {
  return {
    not_before: rfc3339(validity.notBefore),
    not_after: rfc3339(validity.notAfter),
    renew_at: rfc3339(renewalTime(validity, inputs.validity_hours, inputs.renew_before_hours)),
    renewal_due: false,
  };
}

/** Whether renewal is due. Only called when the resource is read: plans must not depend on the clock. */
export function isDue(renewAt: string | null): boolean {
  return renewAt !== null && Date.now() >= Date.parse(renewAt);
}
