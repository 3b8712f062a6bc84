import { rfc3339 } from "../time/rfc3339";
import { MailSniError } from "./mail-sni-error";
import { quote } from "./wording";

/** Errors about a private CA. */
export const privateCaErrors = {
  validityHours: (subject: string, given: number) =>
    new MailSniError(
      "CA_VALIDITY",
      `The validity of ${subject} is ${given} hours.`,
      "Give a whole number of hours, at least 1; 24 is a day, 8760 a year.",
    ),
  renewBeforeHours: (subject: string, given: number, validity: number) =>
    new MailSniError(
      "CA_VALIDITY",
      `The renewal of ${subject} is due ${given} hours before the end of its ${validity} hours.`,
      "Give a whole number of hours that is less than the validity, or leave it out.",
    ),
  notOneBlock: () =>
    new MailSniError(
      "CA_NOT_ONE_BLOCK",
      "The PEM of the CA does not hold exactly one block.",
      "Give the certificate of the CA that issues, alone, and its private key alone: the two outputs of a mailsni_private_ca are of this form.",
    ),
  notACa: (subject: string) =>
    new MailSniError(
      "CA_NOT_A_CA",
      `The certificate of ${quote(subject)} is not allowed to issue certificates.`,
      "Give the certificate of a CA: basicConstraints with CA:TRUE, and keyCertSign where it has a key usage.",
    ),
  keyMismatch: () =>
    new MailSniError(
      "CA_KEY_MISMATCH",
      "The private key does not belong to the certificate of the CA.",
      "Give both of the same CA: clients reject what another key has signed.",
    ),
  keyType: (type: string) =>
    new MailSniError(
      "CA_KEY_UNUSABLE",
      `The CA has a key of type ${quote(type)}, which is not supported for issuing.`,
      "Use a CA with an ECDSA key (P-256, P-384, P-521) or an RSA key.",
    ),
  notValidNow: (from: Date, until: Date, at: Date) =>
    new MailSniError(
      "CA_NOT_VALID_NOW",
      `The certificate of the CA is valid from ${rfc3339(from)} until ${rfc3339(until)}; it is ${rfc3339(at)} now.`,
      "Renew the CA, or check the clock of this machine.",
    ),
};
